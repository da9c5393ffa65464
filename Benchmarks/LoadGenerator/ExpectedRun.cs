namespace Tikr.LoadGenerator;

/// <summary>The bars of a whole run: the parts of all streams merged, by bucket, then key number.</summary>
internal sealed class ExpectedRun
{
    private readonly SortedDictionary<long, ExpectedBar[]> _buckets = [];

    public ExpectedRun(IEnumerable<SentBars> parts)
    {
        foreach (var part in parts)
        {
            part.Close();
            foreach (var (bucket, bars) in part.Closed)
            {
                _buckets[bucket] = _buckets.TryGetValue(bucket, out var others) ? Merge(others, bars) : bars;
            }
        }
    }

    public long Bars => _buckets.Values.Sum(bars => (long)bars.Length);

    public IEnumerable<long> Buckets => _buckets.Keys;

    public long FirstBucket => _buckets.Keys.First();

    public long EndNs => _buckets.Keys.Last() + SentBars.BucketNs;

    public ExpectedBar[] BarsOf(long bucket) => _buckets.TryGetValue(bucket, out var bars) ? bars : [];

    /// <summary>Index of a key among the bars of a bucket; negative if it must have none.</summary>
    public static int IndexOf(ExpectedBar[] bars, int key)
    {
        int low = 0, high = bars.Length - 1;
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            if (bars[middle].Key == key) return middle;
            if (bars[middle].Key < key) low = middle + 1;
            else high = middle - 1;
        }

        return -1;
    }

    private static ExpectedBar[] Merge(ExpectedBar[] left, ExpectedBar[] right)
    {
        var merged = new List<ExpectedBar>(left.Length + right.Length);
        for (int i = 0, j = 0; i < left.Length || j < right.Length;)
        {
            var takeLeft = j == right.Length || (i < left.Length && left[i].Key <= right[j].Key);
            var takeRight = i == left.Length || (j < right.Length && right[j].Key <= left[i].Key);
            var bar = takeLeft ? left[i++] : default;
            if (takeRight) bar.Merge(right[j++]);
            merged.Add(bar);
        }

        return [.. merged];
    }
}
