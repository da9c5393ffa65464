namespace Tikr.LoadGenerator.Checking;

/// <summary>The bars that must be there: the parts of all feeds merged, by bucket.</summary>
internal sealed class ExpectedRun
{
    private readonly SortedDictionary<long, BucketBars> _buckets = [];

    public ExpectedRun(IEnumerable<BucketBars> parts, Shape shape)
    {
        foreach (var part in parts)
            _buckets[part.Start] = _buckets.TryGetValue(part.Start, out var others) ? others.Merge(part, shape.Folded) : part;
    }

    public long Bars => _buckets.Values.Sum(bucket => (long)bucket.Keys.Length);

    public IReadOnlyCollection<BucketBars> Buckets => _buckets.Values;

    public long FirstBucket => _buckets.Keys.First();

    public long EndNs => _buckets.Keys.Last() + Shape.BucketNs;

    /// <summary>The bars of a bucket, or null.</summary>
    public BucketBars? Find(long bucket) => _buckets.GetValueOrDefault(bucket);
}
