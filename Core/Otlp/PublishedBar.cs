namespace Tikr.Core.Otlp;

/// <summary>A bar as a consumer reads it from a payload. Its identity is (series, dimensions, bucket, revision).</summary>
public sealed record PublishedBar
{
    /// <summary>Series.</summary>
    public required string Series { get; init; }

    /// <summary>Dimensions by name.</summary>
    public required IReadOnlyDictionary<string, string> Dimensions { get; init; }

    /// <summary>Bucket start, Unix nanoseconds.</summary>
    public required long BucketStart { get; init; }

    /// <summary>Bucket end, Unix nanoseconds; equal to the start where the payload does not say (upstream's own).</summary>
    public required long BucketEnd { get; init; }

    /// <summary>Least event time, Unix nanoseconds; 0 where the payload does not say.</summary>
    public long FirstTimestamp { get; init; }

    /// <summary>Greatest event time, Unix nanoseconds; 0 where the payload does not say.</summary>
    public long LastTimestamp { get; init; }

    /// <summary>Ticks in the bar.</summary>
    public required long TickCount { get; init; }

    /// <summary>0 when first published, one more for each change of content.</summary>
    public int Revision { get; init; }

    /// <summary>
    /// Values by metric, without the name of the series; exact for int64 and uint64. Absent metrics are not in it. Where no metric of the
    /// spec counts ticks, <c>tick_count</c> is.
    /// </summary>
    public required IReadOnlyDictionary<string, Int128> Metrics { get; init; }
}
