namespace Tikr.Core.Rollup;

/// <summary>A bar: what the ticks of one key in one bucket come to. Metrics stand in the order of the series' model.</summary>
public sealed record Bar
{
    /// <summary>Bucket start, Unix nanoseconds.</summary>
    public required long BucketStart { get; init; }

    /// <summary>Least event time, Unix nanoseconds.</summary>
    public required long FirstTimestamp { get; init; }

    /// <summary>Greatest event time, Unix nanoseconds.</summary>
    public required long LastTimestamp { get; init; }

    /// <summary>All accepted ticks of the bucket.</summary>
    public required long TickCount { get; init; }

    /// <summary>Metric values; uint64 as its bit pattern; 0 where absent.</summary>
    public required long[] Values { get; init; }

    /// <summary>Bit i is set where metric i has a value.</summary>
    public required ulong Present { get; init; }

    /// <summary>0 when first stored, one more for each change of content.</summary>
    public int Revision { get; init; }

    /// <summary>Whether metric <paramref name="index"/> has a value.</summary>
    public bool Has(int index) => (Present >> index & 1) != 0;

    /// <summary>Equal in everything but the revision: writing it again would publish nothing new.</summary>
    public bool SameContent(Bar other) =>
        BucketStart == other.BucketStart && FirstTimestamp == other.FirstTimestamp && LastTimestamp == other.LastTimestamp
        && TickCount == other.TickCount && Present == other.Present && Values.AsSpan().SequenceEqual(other.Values);
}
