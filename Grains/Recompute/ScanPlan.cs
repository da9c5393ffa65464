using Tikr.Storage;

namespace Tikr.Grains.Recompute;

/// <summary>Cuts requests into scans: one scan serves many pairs of one series that lie near each other in time.</summary>
/// <param name="maxPairs">Most pairs per scan: what bounds the memory.</param>
internal sealed class ScanPlan(int maxPairs)
{
    // A scan may read this many (key, bucket) cells per wanted pair; reading on is cheaper than a further scan.
    private const int WastePerPair = 4;
    private const int FreeCells = 64;
    private readonly HashSet<uint> _keys = [];

    /// <summary>Orders requests so that scans are consecutive: series, bucket, group of the tick log, key.</summary>
    public static int Compare(RecomputeItem left, RecomputeItem right)
    {
        var order = left.Series.Id.CompareTo(right.Series.Id);
        if (order == 0) order = left.BucketStart.CompareTo(right.BucketStart);
        if (order == 0) order = (left.KeyId % FlushCommit.SharedGroups).CompareTo(right.KeyId % FlushCommit.SharedGroups);
        return order == 0 ? left.KeyId.CompareTo(right.KeyId) : order;
    }

    /// <summary>
    /// Numbers the pairs of the scan that begins at <paramref name="start"/> and returns where it ends, the read to do and how many pairs
    /// it has.
    /// </summary>
    public (int End, TickRead Read, int Pairs) Next(List<RecomputeItem> sorted, int start)
    {
        _keys.Clear();
        var first = sorted[start];
        var rollup = first.Series.Model.Spec.RollupNs;
        var (end, pairs, lastBucket) = (start, 0, first.BucketStart);
        while (end < sorted.Count && ReferenceEquals(sorted[end].Series, first.Series) && pairs < maxPairs)
        {
            var bucketEnd = EndOfBucket(sorted, end);
            if (end > start && !Worthwhile(sorted, end, bucketEnd, pairs, (sorted[end].BucketStart - first.BucketStart) / rollup + 1))
                break;
            lastBucket = sorted[end].BucketStart;
            end = Take(sorted, end, bucketEnd, ref pairs);
        }

        var keys = new uint[_keys.Count];
        _keys.CopyTo(keys);
        Array.Sort(keys);
        return (end, new TickRead(first.Series, keys, first.BucketStart, lastBucket + rollup) { IncludesExpired = true }, pairs);
    }

    private int Take(List<RecomputeItem> sorted, int from, int to, ref int pairs)
    {
        RecomputeItem? previous = null;
        for (; from < to; from++)
        {
            var item = sorted[from];
            if (previous is null || previous.KeyId != item.KeyId)
            {
                if (pairs == maxPairs) break;
                _keys.Add(item.KeyId);
                pairs++;
            }

            item.Place = pairs - 1;
            previous = item;
        }

        return from;
    }

    private bool Worthwhile(List<RecomputeItem> sorted, int from, int to, int pairs, long buckets)
    {
        var newKeys = 0;
        for (var i = from; i < to; i++)
        {
            if (!_keys.Contains(sorted[i].KeyId)) newKeys++;
        }

        var cells = (_keys.Count + newKeys) * buckets;
        return cells <= FreeCells || cells <= WastePerPair * (pairs + (long)(to - from));
    }

    private static int EndOfBucket(List<RecomputeItem> sorted, int from)
    {
        var bucket = sorted[from].BucketStart;
        var series = sorted[from].Series;
        while (from < sorted.Count && sorted[from].BucketStart == bucket && ReferenceEquals(sorted[from].Series, series)) from++;
        return from;
    }
}
