using System.Runtime.InteropServices;

namespace Tikr.Storage;

/// <summary>
/// In which order the bars of one group commit are written: by series, key and bucket, those of one bucket as they came. Each then goes
/// next to the one before, in memory that is still in cache; in order of arrival the search for its place is what a bar costs most of.
/// Reused.
/// </summary>
public sealed class BarOrder
{
    private readonly List<int> _indexes = [];
    private readonly ByBucket _byBucket = new();
    private ulong[] _keys = [];

    /// <summary>Indexes of the writes of the last <see cref="Sort"/>, in order.</summary>
    public IReadOnlyList<int> Indexes => _indexes;

    /// <summary>Whether the two write the same bar.</summary>
    public static bool IsSameBar(in BarWrite one, in BarWrite other) =>
        one.KeyId == other.KeyId && one.Bar.BucketStart == other.Bar.BucketStart && one.Series.Id == other.Series.Id;

    /// <summary>Finds the order.</summary>
    public void Sort(IReadOnlyList<BarWrite> writes)
    {
        var count = writes.Count;
        if (_keys.Length < count) _keys = new ulong[Math.Max(count, _keys.Length * 2)];
        CollectionsMarshal.SetCount(_indexes, count);
        var keys = _keys.AsSpan(0, count);
        var indexes = CollectionsMarshal.AsSpan(_indexes);
        for (var i = 0; i < count; i++)
        {
            keys[i] = ((ulong)writes[i].Series.Id << 32) | writes[i].KeyId;
            indexes[i] = i;
        }

        keys.Sort(indexes);
        _byBucket.Writes = writes;
        for (int from = 0, to; from < count; from = to)
        {
            for (to = from + 1; to < count && keys[to] == keys[from]; to++)
            {
            }

            if (to - from > 1) indexes[from..to].Sort(_byBucket);
        }

        _byBucket.Writes = [];
    }

    private sealed class ByBucket : IComparer<int>
    {
        public IReadOnlyList<BarWrite> Writes { get; set; } = [];

        public int Compare(int x, int y) => (Writes[x].Bar.BucketStart, x).CompareTo((Writes[y].Bar.BucketStart, y));
    }
}
