using Tikr.Core.Time;
using Tikr.Gateway.Ingest.Lanes;
using Tikr.Storage;

namespace Tikr.Gateway.Ingest;

/// <summary>What every ingest stream shares once the gateway is ready.</summary>
internal sealed class IngestPipeline(
    IngestQueue queue, IKeyStore keys,
        ITickStore store, IngestObserver observer, TimeProvider time, IOutputState? output = null)
{
    /// <summary>Where messages wait for their flush.</summary>
    public IngestQueue Queue { get; } = queue;

    public IKeyStore Keys { get; } = keys;

    public IngestObserver Observer { get; } = observer;

    /// <summary>Why no tick can be taken now, or null.</summary>
    public string? BlockedReason => store.IngestBlockedReason;

    /// <summary>The time now, monotonic nanoseconds.</summary>
    public long NowNs => Instant.MonotonicOf(time);

    /// <summary>Completes when another message of the series may be taken; null for a series that is not known yet.</summary>
    public async ValueTask RoomAsync(IngestSeries? series, CancellationToken cancellation)
    {
        if (series is not null && output?.RoomAsync(series.Series.Id) is { IsCompleted: false } held)
            await held.WaitAsync(cancellation).ConfigureAwait(false);
        await Queue.RoomAsync().WaitAsync(cancellation).ConfigureAwait(false);
    }
}
