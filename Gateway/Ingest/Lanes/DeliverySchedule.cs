using Tikr.Core.Time;

namespace Tikr.Gateway.Ingest.Lanes;

/// <summary>
/// When to deliver: always when a bucket of some series is due (bucket end + grace), and in between often enough for open bars to be fresh
/// but rarely enough not to cost more than they are worth. The wall clock says, at each delivery, how far the next due time is; what was
/// planned is kept by the monotonic clock, so that a step of the wall clock delays no bucket that was open.
/// </summary>
internal sealed class DeliverySchedule(LaneSeriesSet series, IngestOptions options)
{
    private const int CellsPerInterval = 2_000;
    private static readonly long LagPollNs = TimeSpan.FromMilliseconds(20).ToNanoseconds();
    private static readonly long LongestNs = TimeSpan.FromSeconds(1).ToNanoseconds(), StalestNs = TimeSpan.FromSeconds(5).ToNanoseconds();
    private long _nextDueNs = long.MinValue;
    private long _refreshedNs = long.MinValue, _nextRefreshNs = long.MinValue;

    /// <summary>Whether to deliver now.</summary>
    public bool IsDue(in Instant now) => BucketIsDue(now) || RefreshIsDue(now);

    /// <summary>Whether a bucket is due now.</summary>
    public bool BucketIsDue(in Instant now) => now.MonotonicNs >= _nextDueNs;

    /// <summary>Whether open buckets, too, are to be delivered now.</summary>
    public bool RefreshIsDue(in Instant now) => now.MonotonicNs >= _nextRefreshNs;

    /// <summary>When to deliver next, monotonic nanoseconds.</summary>
    public long NextNs => Math.Min(_nextDueNs, _nextRefreshNs);

    /// <summary>Plans the next delivery after one at <paramref name="now"/>.</summary>
    /// <param name="now">When it was.</param>
    /// <param name="throughNs">
    /// What was received up to this monotonic time has been delivered; earlier than now where streams are behind.
    /// </param>
    /// <param name="dirtyCells">Live cells there were to deliver.</param>
    public void Delivered(in Instant now, long throughNs, int dirtyCells)
    {
        _nextDueNs = long.MaxValue;
        var through = now.UnixNs - (now.MonotonicNs - throughNs);
        foreach (var one in series.All)
        {
            var (rollup, grace) = (one.Model.Spec.RollupNs, one.Model.Spec.GraceNs);
            var due = now.MonotonicAt(((((through - grace) / rollup) + 1) * rollup) + grace);
            _nextDueNs = Math.Min(_nextDueNs, due > now.MonotonicNs ? due : now.MonotonicNs + LagPollNs);
        }

        var period = Math.Min(options.DeliveryInterval.ToNanoseconds() * Math.Max(1, dirtyCells / CellsPerInterval), LongestNs);
        if (RefreshIsDue(now))
        {
            _refreshedNs = now.MonotonicNs;
            _nextRefreshNs = now.MonotonicNs + period;
        }

        // With so many cells that the next bars are due before the next refresh, open bars are rarely worth a visit of their own to every
        // grain.
        if (period == LongestNs && now.MonotonicNs + period >= _nextDueNs)
            _nextRefreshNs = Math.Min(_nextDueNs + period, _refreshedNs + StalestNs);
    }
}
