using Tikr.Core.Delivery;
using Tikr.Core.Rollup;
using Tikr.Core.Time;
using Tikr.Gateway.Ingest;
using Tikr.Gateway.Ingest.Lanes;
using Tikr.Gateway.Metrics;

namespace Tikr.Tests.Gateway.Ingest;

/// <summary>A lane with a scripted store and a router that remembers, stepped as its thread would, on a clock of the test's.</summary>
internal sealed class SteppedLane : IDisposable
{
    public const uint Epoch = 3;
    private readonly GatewayMetrics _metrics = IngestBench.Metrics();

    public SteppedLane()
    {
        var services = Bench.Services(Store, new IngestOptions(), _metrics) with { Router = Router, Gateways = Gateways };
        Lane = new FlushLane(Epoch, Bench.SeriesSet, [], services);
        Gateways.Add(Epoch, Lane);
        Began = Bench.Now.MonotonicNs;
    }

    public IngestBench Bench { get; } = new();

    public ScriptedTickStore Store { get; } = new();

    public LiveGateways Gateways { get; } = new();

    public RecordingRouter Router { get; } = new();

    public FlushLane Lane { get; }

    /// <summary>When it was made, monotonic nanoseconds.</summary>
    public long Began { get; }

    /// <summary>When a bucket is due, monotonic nanoseconds, if the wall clock does not step.</summary>
    public long DueAt(long bucket) => Bench.Now.MonotonicAt(Bench.Model.DueOf(bucket));

    public FlushBatch Send(Source source, params Tick[] ticks) => Lane.Queue.Add(Bench.Message(source, ticks));

    /// <summary>Steps whenever the lane wants to, and answers how often that was.</summary>
    public int RunUntil(long monotonicNs)
    {
        for (var steps = 1; ; steps++)
        {
            var now = Bench.Now.MonotonicNs;
            var next = Lane.Step(Bench.Now);
            var pause = Math.Max(next - now, 1_000_000);
            if (now + pause >= monotonicNs)
            {
                Bench.Time.Advance(UnixTime.ToTimeSpan(monotonicNs - now));
                return steps;
            }

            Bench.Time.Advance(UnixTime.ToTimeSpan(pause));
        }
    }

    public int RunFor(TimeSpan span) => RunUntil(Bench.Now.MonotonicNs + span.ToNanoseconds());

    public void Dispose()
    {
        Lane.Dispose();
        _metrics.Dispose();
    }
}

/// <summary>Takes every partial and remembers what it was.</summary>
internal sealed class RecordingRouter : IPartialRouter
{
    public List<Delivered> Delivered { get; } = [];

    public int WaitingBars => 0;

    public int Division { get; set; }

    /// <summary>Whether deliveries are lost.</summary>
    public bool Loses { get; set; }

    /// <summary>Divisions under which a lane has delivered again.</summary>
    public List<int> DeliveredAgainUnder { get; } = [];

    public void DeliveredAgain(uint epoch, int division) => DeliveredAgainUnder.Add(division);

    public Task<bool> DeliverAsync(IReadOnlyList<Delivery> deliveries, CancellationToken cancellation)
    {
        if (Loses) return Task.FromResult(false);
        foreach (var (key, partial) in deliveries)
        {
            var ticks = partial.State is null ? 0 : SeriesModel.TicksIn(partial.State);
            Delivered.Add(new Delivered(key.Dimensions.Values[0], partial.BucketStart, ticks, partial.Close, partial.Final)
            {
                DueNs = partial.DueNs,
                IsAgain = partial.IsAgain,
                Announces = partial.Announces,
                Flushes = (partial.FromFlush, partial.ToFlush),
            });
        }

        return Task.FromResult(true);
    }
}

/// <summary>A partial that was delivered.</summary>
internal readonly record struct Delivered(string Symbol, long BucketStart, long Ticks, bool Close, bool Final)
{
    /// <summary>When its bucket is due, monotonic nanoseconds.</summary>
    public long DueNs { get; init; }

    public bool IsAgain { get; init; }

    public bool Announces { get; init; }

    /// <summary>The first flush, and the last.</summary>
    public (ulong From, ulong To) Flushes { get; init; }
}
