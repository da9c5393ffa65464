namespace Tikr.Streaming.Bars;

/// <summary>A bar that Tikr published: what the ticks of one key in one bucket come to.</summary>
[GenerateSerializer, Immutable]
[Alias("Tikr.Streaming.Bars.Bar")]
public sealed record Bar
{
    /// <summary>The series.</summary>
    [Id(0)]
    public required string Series { get; init; }

    /// <summary>The key as text: <c>name=value|name=value</c>, sorted by name; equal to the key of the Kafka record.</summary>
    [Id(1)]
    public required string Key { get; init; }

    /// <summary>Dimensions by name.</summary>
    [Id(2)]
    public required IReadOnlyDictionary<string, string> Dimensions { get; init; }

    /// <summary>Bucket start, Unix nanoseconds.</summary>
    [Id(3)]
    public required long BucketStart { get; init; }

    /// <summary>Bucket end, Unix nanoseconds.</summary>
    [Id(4)]
    public required long BucketEnd { get; init; }

    /// <summary>Least event time of its ticks, Unix nanoseconds.</summary>
    [Id(5)]
    public long FirstTimestamp { get; init; }

    /// <summary>Greatest event time of its ticks, Unix nanoseconds.</summary>
    [Id(6)]
    public long LastTimestamp { get; init; }

    /// <summary>Its ticks.</summary>
    [Id(7)]
    public required long TickCount { get; init; }

    /// <summary>
    /// 0 when first published; one more for each change, such as a late tick makes. The bar with the highest revision is the one that
    /// holds.
    /// </summary>
    [Id(8)]
    public int Revision { get; init; }

    /// <summary>Values by metric, exact for int64 and uint64. A metric that had no input is not in it.</summary>
    [Id(9)]
    public required IReadOnlyDictionary<string, Int128> Metrics { get; init; }

    /// <summary>The value of a metric.</summary>
    /// <exception cref="KeyNotFoundException">The bar has no value of that metric.</exception>
    public Int128 this[string metric] =>
        Metrics.TryGetValue(metric, out var value) ? value : throw new KeyNotFoundException(Errors.NoMetric(this, metric));

    /// <summary>
    /// What makes it this bar and no other. Delivery is at least once: a bar whose identity was seen before is the same bar again.
    /// </summary>
    public BarIdentity Identity => new(Series, Key, BucketStart, BucketEnd, Revision);
}

/// <summary>Identity of a published bar.</summary>
/// <param name="Series">The series.</param>
/// <param name="Key">The key.</param>
/// <param name="BucketStart">Bucket start, Unix nanoseconds.</param>
/// <param name="BucketEnd">Bucket end, Unix nanoseconds.</param>
/// <param name="Revision">Revision.</param>
[GenerateSerializer, Immutable]
[Alias("Tikr.Streaming.Bars.BarIdentity")]
public readonly record struct BarIdentity(string Series, string Key, long BucketStart, long BucketEnd, int Revision);
