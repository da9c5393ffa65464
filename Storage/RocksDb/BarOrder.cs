namespace Tikr.Storage.RocksDb;

/// <summary>
/// In which order the bars of one group commit go into the memtable: by key. Each insert then starts where the last one ended, in memory that is
/// still in cache; in order of arrival the search for its place is what a bar costs most of.
/// </summary>
internal static class BarOrder
{
    private const int IndexBits = 16;

    /// <summary>Indexes of the writes, by series and key; those of one key as they came.</summary>
    public static int[] Of(IReadOnlyList<BarWrite> writes)
    {
        var order = new int[writes.Count];
        if (order.Length is 1 or > 1 << IndexBits)
        {
            for (var i = 0; i < order.Length; i++) order[i] = i;
            return order;
        }

        var sorted = new ulong[order.Length];
        for (var i = 0; i < sorted.Length; i++)
        {
            var write = writes[i];
            sorted[i] = ((((ulong)write.Series.SeriesId << 32) | write.KeyId) << IndexBits) | (uint)i;
        }

        Array.Sort(sorted);
        for (var i = 0; i < order.Length; i++) order[i] = (int)(sorted[i] & ((1 << IndexBits) - 1));
        return order;
    }
}
