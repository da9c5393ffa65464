using Tikr.Core.Rollup;
using Tikr.Core.Specs;

namespace Tikr.Core.Wire;

/// <summary>
/// The timestamps that a message's ticks may have, in the unit of the wire, so that one subtraction and one comparison decide. Worked out
/// once per message from one reading of the clock.
/// </summary>
internal readonly struct AcceptedRange
{
    private AcceptedRange(long nowNs, long earliestNs, long openNs, long latestNs, long unitNs)
    {
        NowNs = nowNs;
        EarliestNs = earliestNs;
        OpenNs = openNs;
        LatestNs = latestNs;
        var from = Math.Max(Math.Max(earliestNs, openNs), 0);
        if (latestNs < from) return;
        First = (ulong)((from / unitNs) + (from % unitNs == 0 ? 0 : 1));
        var last = (ulong)(latestNs / unitNs);
        Width = last < First ? 0 : last - First + 1;
    }

    /// <summary>The clock, Unix nanoseconds.</summary>
    public long NowNs { get; }

    /// <summary>The earliest time that the store has all ticks of.</summary>
    public long EarliestNs { get; }

    /// <summary>Start of the earliest bucket that takes ticks; 0 unless late ticks are dropped.</summary>
    public long OpenNs { get; }

    /// <summary>The furthest future that is believed.</summary>
    public long LatestNs { get; }

    /// <summary>Least timestamp accepted, in the wire's unit.</summary>
    public ulong First { get; }

    /// <summary>How many timestamps from there on are accepted.</summary>
    public ulong Width { get; }

    /// <summary>The accepted range of a message received now.</summary>
    public static AcceptedRange Of(SeriesModel model, long nowNs, long earliestNs, long unitNs)
    {
        var spec = model.Spec;
        var latest = nowNs > long.MaxValue - spec.MaxFutureNs ? long.MaxValue : nowNs + spec.MaxFutureNs;
        return new AcceptedRange(nowNs, earliestNs, spec.Late == LatePolicy.Drop ? FirstOpen(model, nowNs) : 0, latest, unitNs);
    }

    /// <summary>Start of the earliest bucket that takes ticks, where late ticks are routed; 0 elsewhere.</summary>
    public static long RouteBefore(SeriesModel model, long nowNs) => model.Spec.Late == LatePolicy.Route ? FirstOpen(model, nowNs) : 0;

    /// <summary>Nanoseconds per unit.</summary>
    public static long UnitNsOf(TimestampPrecision precision) => precision switch
    {
        TimestampPrecision.Microsecond => 1_000,
        TimestampPrecision.Millisecond => 1_000_000,
        _ => 1,
    };

    /// <summary>
    /// A bucket is closed when now has reached its due time, bucket + rollup + grace: the first open one follows the last for which that
    /// holds.
    /// </summary>
    private static long FirstOpen(SeriesModel model, long nowNs)
    {
        var closedAt = nowNs - model.Spec.RollupNs - model.Spec.GraceNs;
        return closedAt < 0 ? 0 : model.EndOf(model.BucketOf(closedAt));
    }
}
