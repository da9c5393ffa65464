using Tikr.Storage.Timescale.Ticks;

namespace Tikr.Storage.Timescale.Retention;

/// <summary>Bytes of one slice of event time.</summary>
internal readonly record struct SliceSize(long StartNs, long Bytes);

/// <summary>Decides up to where ticks are evicted.</summary>
internal static class TickSlices
{
    /// <summary>Evicting goes this far below the limit, so that it does not happen at every check.</summary>
    private const double Target = 0.95;

    /// <summary>
    /// Event time before which all blocks go; null if none may. Only whole slices go, and none that an unretired bucket's blocks may begin
    /// in.
    /// </summary>
    /// <param name="slices">Slices, oldest first.</param>
    /// <param name="limit">Most bytes.</param>
    /// <param name="leastUnretired">Least start of an unretired bucket; null without any.</param>
    /// <param name="nowNs">The time now.</param>
    public static long? Cutoff(IReadOnlyList<SliceSize> slices, long limit, long? leastUnretired, long nowNs)
    {
        var highest = HighestCutoff(leastUnretired, nowNs);
        var left = slices.Sum(w => w.Bytes);
        long? cutoff = null;
        foreach (var slice in slices)
        {
            var end = slice.StartNs + FlushSizes.SliceNs;
            if (left <= limit * Target || end > highest) break;
            left -= slice.Bytes;
            cutoff = end;
        }

        return cutoff;
    }

    /// <summary>
    /// Latest cutoff that keeps every unretired bucket: its ticks may stand in a block that begins up to one span before it.
    /// </summary>
    public static long HighestCutoff(long? leastUnretired, long nowNs) => leastUnretired is { } least
        ? (least - FlushCommit.MaxBlockSpanNs) / FlushSizes.SliceNs * FlushSizes.SliceNs
        : ((nowNs / FlushSizes.SliceNs) + 1) * FlushSizes.SliceNs;
}
