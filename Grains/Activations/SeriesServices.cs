using Tikr.Core.Delivery;
using Tikr.Core.Time;
using Tikr.Grains.Buckets;
using Tikr.Grains.Cluster;
using Tikr.Grains.Metrics;
using Tikr.Grains.Recompute;
using Tikr.Grains.Writing;
using Tikr.Storage;

namespace Tikr.Grains.Activations;

/// <summary>What all activations of a silo share: one object, so that an activation stays small.</summary>
internal sealed class SeriesServices(
    SeriesDirectory directory,
    ActivationRegistry registry,
    BarWriter writer,
    RecomputeService recompute,
    ITickStore ticks,
    CloseSweep sweep,
    IdleKeys idle,
    LiveGateways gateways,
    ClusterView view,
    SealedPairs sealedPairs,
    GrainMetrics metrics,
    RepeatReport repeats,
    OverflowReport overflows,
    TimeProvider time,
    TikrGrainOptions options,
    OutboxLayout? outbox = null)
{
    private readonly long _maxDelayNs = options.MaxCloseDelay.ToNanoseconds();

    public SeriesDirectory Directory => directory;

    public ActivationRegistry Registry => registry;

    public BarWriter Writer => writer;

    public RecomputeService Recompute => recompute;

    public ITickStore Ticks => ticks;

    public CloseSweep Sweep => sweep;

    public IdleKeys Idle => idle;

    public LiveGateways Gateways => gateways;

    public ClusterView View => view;

    public SealedPairs Sealed => sealedPairs;

    public GrainMetrics Metrics => metrics;

    public RepeatReport Repeats => repeats;

    public OverflowReport Overflows => overflows;

    public TikrGrainOptions Options => options;

    public OutboxLayout? Outbox => outbox;

    public BucketOptions BucketOptions { get; } =
        new(options.RememberedBuckets) { Retry = new Backoff(options.RetryDelay, options.MaxRetryDelay) };

    /// <summary>Bars of this silo that wait to be recomputed or stored.</summary>
    public int WaitingBars => writer.Waiting + recompute.Waiting;

    /// <summary>The time now, monotonic nanoseconds.</summary>
    public long NowNs => Instant.MonotonicOf(time);

    public CloseClock Clock() => new(NowNs, gateways.Now, _maxDelayNs);
}
