using Tikr.Core.Time;

namespace Tikr.Gateway.Ingest.Lanes;

/// <summary>
/// Holds commits up while bars cannot be stored as fast: further ticks would only wait in memory, and their bars close without them and be
/// revised. The streams wait instead, for a bounded time: a store that is stuck must be met by a commit, which fails with the reason.
/// </summary>
internal sealed class BarPressure(IngestOptions options)
{
    private readonly long _maxDeliveryNs = options.MaxDeliveryTime.ToNanoseconds();
    private readonly long _longestNs = options.CommitTimeout.ToNanoseconds();
    private long? _sinceNs;

    /// <summary>Whether it was high at the last look.</summary>
    public bool IsHigh => _sinceNs is not null;

    /// <summary>Whether to wait with the next commit.</summary>
    /// <param name="nowNs">The time now, monotonic nanoseconds.</param>
    /// <param name="waitingBars">Bars that wait to be recomputed or stored.</param>
    /// <param name="deliveringNs">How long the delivery under way has taken; 0 if none is.</param>
    public bool HoldsUp(long nowNs, int waitingBars, long deliveringNs)
    {
        var high = waitingBars > options.MaxWaitingBars || deliveringNs > _maxDeliveryNs;
        // A commit that is stuck keeps the lane from looking: a long delivery has been high since before this look.
        if (!high) _sinceNs = null;
        else _sinceNs ??= nowNs - Math.Max(0, deliveringNs - _maxDeliveryNs);
        return high && nowNs - _sinceNs < _longestNs;
    }

    /// <summary>
    /// A commit has been tried: while it stays high, the next one waits anew. Otherwise pressure that outlasts the time would be none.
    /// </summary>
    public void Tried(long nowNs)
    {
        if (IsHigh) _sinceNs = nowNs;
    }
}
