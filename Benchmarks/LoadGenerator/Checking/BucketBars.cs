namespace Tikr.LoadGenerator.Checking;

/// <summary>What every bar has, whatever its metrics.</summary>
internal struct BarHead
{
    public int Count;

    /// <summary>Nanoseconds since the start of the bucket.</summary>
    public uint First, Last;
}

/// <summary>The bars that one bucket must have, by key number; columns, so that long runs over many keys stay small.</summary>
/// <param name="Start">Bucket start, Unix nanoseconds.</param>
/// <param name="Keys">Key numbers, ascending.</param>
/// <param name="Heads">One per key.</param>
/// <param name="Values">The folded metrics of each key, one key after the other.</param>
internal sealed record BucketBars(long Start, int[] Keys, BarHead[] Heads, long[] Values)
{
    /// <summary>Folded metrics of one bar.</summary>
    public ReadOnlySpan<long> ValuesOf(int index) => Values.AsSpan(index * (Values.Length / Keys.Length), Values.Length / Keys.Length);

    /// <summary>Index of a key; negative if it must have no bar.</summary>
    public int IndexOf(int key) => Array.BinarySearch(Keys, key);

    /// <summary>The same bucket with another stream's part; no two parts hold ticks of equal times.</summary>
    public BucketBars Merge(BucketBars other, ShapeMetric[] metrics)
    {
        int[] keys = [.. Keys.Union(other.Keys).Order()];
        var merged = new BucketBars(Start, keys, new BarHead[keys.Length], new long[keys.Length * metrics.Length]);
        for (var i = 0; i < keys.Length; i++)
        {
            var (left, right) = (IndexOf(keys[i]), other.IndexOf(keys[i]));
            var values = merged.Values.AsSpan(i * metrics.Length, metrics.Length);
            if (left >= 0) (merged.Heads[i], _) = (Heads[left], ValuesOf(left).TryCopyTo(values));
            if (right >= 0) MergeBar(ref merged.Heads[i], values, other.Heads[right], other.ValuesOf(right), metrics);
        }

        return merged;
    }

    private static void MergeBar(ref BarHead head, Span<long> values, in BarHead other, ReadOnlySpan<long> others, ShapeMetric[] metrics)
    {
        if (head.Count == 0)
        {
            head = other;
            others.CopyTo(values);
            return;
        }

        for (var i = 0; i < metrics.Length; i++)
        {
            values[i] = metrics[i].Fold switch
            {
                Fold.First => other.First < head.First ? others[i] : values[i],
                Fold.Last => other.Last > head.Last ? others[i] : values[i],
                Fold.Max => Math.Max(values[i], others[i]),
                Fold.Min => Math.Min(values[i], others[i]),
                _ => values[i] + others[i],
            };
        }

        head.First = Math.Min(head.First, other.First);
        head.Last = Math.Max(head.Last, other.Last);
        head.Count += other.Count;
    }
}
