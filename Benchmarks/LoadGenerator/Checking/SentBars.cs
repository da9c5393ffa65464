namespace Tikr.LoadGenerator.Checking;

/// <summary>Folds ticks that come in the order of their times into the bars they must become.</summary>
internal sealed class SentBars(Shape shape, int[] keys)
{
    private readonly ShapeMetric[] _metrics = shape.Folded;
    private readonly BarHead[] _heads = new BarHead[keys.Length];
    private readonly long[] _values = new long[keys.Length * shape.Folded.Length];
    private readonly List<int> _touched = [];
    private readonly Queue<BucketBars> _closed = [];
    private long _bucket = long.MinValue / 2;

    public void Add(int key, long timeNs, ReadOnlySpan<long> fields)
    {
        if ((ulong)(timeNs - _bucket) >= (ulong)Shape.BucketNs)
        {
            Close();
            _bucket = timeNs - (timeNs % Shape.BucketNs);
        }

        ref var head = ref _heads[key];
        head.Last = (uint)(timeNs - _bucket);
        var values = _values.AsSpan(key * _metrics.Length, _metrics.Length);
        if (head.Count++ == 0)
        {
            _touched.Add(key);
            head.First = head.Last;
            for (var i = 0; i < values.Length; i++) values[i] = fields[_metrics[i].Field];
            return;
        }

        for (var i = 0; i < values.Length; i++)
        {
            ref var value = ref values[i];
            var field = fields[_metrics[i].Field];
            switch (_metrics[i].Fold)
            {
                case Fold.Max: value = Math.Max(value, field); break;
                case Fold.Min: value = Math.Min(value, field); break;
                case Fold.Last: value = field; break;
                case Fold.Sum: value += field; break;
            }
        }
    }

    /// <summary>Takes the buckets that end by a time, after which no tick of theirs may come.</summary>
    public IEnumerable<BucketBars> TakeBelow(long ns)
    {
        if (_touched.Count > 0 && _bucket <= ns - Shape.BucketNs) Close();
        while (_closed.TryPeek(out var bars) && bars.Start <= ns - Shape.BucketNs) yield return _closed.Dequeue();
    }

    private void Close()
    {
        if (_touched.Count == 0) return;
        _touched.Sort();
        var (heads, values) = (new BarHead[_touched.Count], new long[_touched.Count * _metrics.Length]);
        for (var i = 0; i < heads.Length; i++)
        {
            heads[i] = _heads[_touched[i]];
            _values.AsSpan(_touched[i] * _metrics.Length, _metrics.Length).CopyTo(values.AsSpan(i * _metrics.Length));
            _heads[_touched[i]] = default;
        }

        _closed.Enqueue(new BucketBars(_bucket, [.. _touched.Select(i => keys[i])], heads, values));
        _touched.Clear();
    }
}
