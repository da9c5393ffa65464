namespace Tikr.LoadGenerator;

/// <summary>Folds the ticks of one stream, in the order of their times, into the bars they must become.</summary>
internal sealed class SentBars(int[] keys)
{
    /// <summary>Length of a bucket: the rollup of market_ticks.</summary>
    public const long BucketNs = 1_000_000_000;

    private readonly ExpectedBar[] _open = new ExpectedBar[keys.Length];
    private readonly List<int> _touched = [];
    private readonly List<(long Bucket, ExpectedBar[] Bars)> _closed = [];
    private long _bucket;

    /// <summary>Finished buckets in time order, each with its bars by key number.</summary>
    public IReadOnlyList<(long Bucket, ExpectedBar[] Bars)> Closed => _closed;

    public void Add(in TickSlot tick, long timeNs)
    {
        var time = timeNs - _bucket;
        if ((ulong)time >= BucketNs)
        {
            Close();
            _bucket = timeNs - (timeNs % BucketNs);
            time = timeNs - _bucket;
        }

        ref var bar = ref _open[tick.Key];
        if (bar.Count == 0) _touched.Add(tick.Key);
        bar.Add(tick.Price, tick.Quantity, (uint)time);
    }

    /// <summary>Ends the bucket that is being filled.</summary>
    public void Close()
    {
        if (_touched.Count == 0) return;
        _touched.Sort();
        var bars = new ExpectedBar[_touched.Count];
        for (var i = 0; i < bars.Length; i++)
        {
            bars[i] = _open[_touched[i]] with { Key = keys[_touched[i]] };
            _open[_touched[i]] = default;
        }

        _touched.Clear();
        _closed.Add((_bucket, bars));
    }
}
