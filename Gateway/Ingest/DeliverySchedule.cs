using Tikr.Core.Time;

namespace Tikr.Gateway.Ingest;

/// <summary>
/// When to deliver: always when a bucket of some series is due (bucket end + grace), and in between often enough for open bars to be fresh
/// but rarely enough not to cost more than they are worth.
/// </summary>
internal sealed class DeliverySchedule(IReadOnlyList<SeriesIntake> series, IngestOptions options)
{
    private const int CellsPerInterval = 2_000;
    private static readonly long LagPollNs = TimeSpan.FromMilliseconds(20).ToNanoseconds();
    private static readonly long LongestNs = TimeSpan.FromSeconds(1).ToNanoseconds(), StalestNs = TimeSpan.FromSeconds(5).ToNanoseconds();

    private long _refreshedNs;

    /// <summary>When the next bucket is due, Unix nanoseconds.</summary>
    public long NextDueNs { get; private set; }

    /// <summary>When open buckets are delivered next, Unix nanoseconds.</summary>
    public long NextRefreshNs { get; private set; }

    /// <summary>Whether to deliver now.</summary>
    public bool IsDue(long nowNs) => nowNs >= NextDueNs || nowNs >= NextRefreshNs;

    /// <summary>Whether open buckets, too, are to be delivered now.</summary>
    public bool RefreshIsDue(long nowNs) => nowNs >= NextRefreshNs;

    /// <summary>Plans the next delivery after one at <paramref name="nowNs"/>.</summary>
    /// <param name="nowNs">When it was.</param>
    /// <param name="throughNs">What was received up to this time has been delivered; earlier where streams are behind.</param>
    /// <param name="dirtyCells">Live cells there were to deliver.</param>
    public void Delivered(long nowNs, long throughNs, int dirtyCells)
    {
        NextDueNs = long.MaxValue;
        foreach (var intake in series)
        {
            var (rollup, grace) = (intake.Plan.Spec.RollupNs, intake.Plan.Spec.GraceNs);
            var due = ((((throughNs - grace) / rollup) + 1) * rollup) + grace;
            NextDueNs = Math.Min(NextDueNs, due > nowNs ? due : nowNs + LagPollNs);
        }

        var period = Math.Min(options.DeliveryInterval.ToNanoseconds() * Math.Max(1, dirtyCells / CellsPerInterval), LongestNs);
        if (RefreshIsDue(nowNs))
        {
            _refreshedNs = nowNs;
            NextRefreshNs = nowNs + period;
        }

        // With so many cells that the next bars are due before the next refresh, open bars are rarely worth a visit of their own to every
        // grain.
        if (period == LongestNs && nowNs + period >= NextDueNs) NextRefreshNs = Math.Min(NextDueNs + period, _refreshedNs + StalestNs);
    }
}
