namespace Tikr.Storage.RocksDb;

/// <summary>
/// In which order the bars of one group commit go into the memtable: by key. Each insert then starts where the last one ended, in memory that is
/// still in cache; in order of arrival the search for its place is what a bar costs most of.
/// </summary>
internal static class BarOrder
{
    private const int IndexBits = 16, MostSorted = 1 << IndexBits;

    /// <summary>Indexes of the writes, by series and key; those of one key as they came.</summary>
    public static IEnumerable<int> Of(IReadOnlyList<BarWrite> writes) => writes.Count switch
    {
        1 => [0],
        <= MostSorted => Sorted(writes),
        _ => Enumerable.Range(0, writes.Count).OrderBy(i => KeyOf(writes[i])),
    };

    private static int[] Sorted(IReadOnlyList<BarWrite> writes)
    {
        var keys = new ulong[writes.Count];
        for (var i = 0; i < keys.Length; i++) keys[i] = (KeyOf(writes[i]) << IndexBits) | (uint)i;
        Array.Sort(keys);
        return Array.ConvertAll(keys, static key => (int)(key % MostSorted));
    }

    private static ulong KeyOf(in BarWrite write) => ((ulong)write.Series.SeriesId << 32) | write.KeyId;
}
