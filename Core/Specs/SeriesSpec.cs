using System.Collections.Immutable;

namespace Tikr.Core.Specs;

/// <summary>One series as its YAML file declares it: immutable, validated, with every default filled in.</summary>
public sealed record SeriesSpec
{
    /// <summary>Grace of a spec that gives none, in nanoseconds.</summary>
    public const long DefaultGraceNs = 200_000_000;

    /// <summary>How far ahead of the clock ticks may be where a spec does not say, in nanoseconds.</summary>
    public const long DefaultMaxFutureNs = 10_000_000_000;

    /// <summary>Longest dimension value where a spec does not say, in UTF-8 bytes.</summary>
    public const int DefaultMaxDimensionBytes = 1024;

    /// <summary>Name of the series; unique in the process.</summary>
    public required string Series { get; init; }

    /// <summary>Informational name of the timestamp in the producer's data; not used to find it.</summary>
    public string? TimestampField { get; init; }

    /// <summary>Unit of <c>timestamp_ns</c> on the wire. Everything read back is nanoseconds.</summary>
    public TimestampPrecision Precision { get; init; } = TimestampPrecision.Nanosecond;

    /// <summary>The dimensions whose values make a key, in the order of the file. May be empty: one key.</summary>
    public required ImmutableArray<DimensionSpec> Dimensions { get; init; }

    /// <summary>The metrics of a bar, in the order of the file; at least one, at most <see cref="MaxMetrics"/>.</summary>
    public required ImmutableArray<MetricSpec> Metrics { get; init; }

    /// <summary>Length of a bucket in nanoseconds; buckets start at multiples of it since the Unix epoch.</summary>
    public required long RollupNs { get; init; }

    /// <summary>The rollup as the file writes it, for ListSeries ("1s").</summary>
    public required string RollupText { get; init; }

    /// <summary>How long after its end a bucket waits for ticks, in nanoseconds.</summary>
    public long GraceNs { get; init; } = DefaultGraceNs;

    /// <summary>What happens to a tick whose bar has closed.</summary>
    public LatePolicy Late { get; init; } = LatePolicy.Revise;

    /// <summary>Whether equal (timestamp, sequence) of one key count once.</summary>
    public DedupPolicy Dedup { get; init; } = DedupPolicy.None;

    /// <summary>What a metric gets when a tick lacks its field.</summary>
    public MissingFieldPolicy MissingField { get; init; } = MissingFieldPolicy.Zero;

    /// <summary>What happens to a tick with a field that no metric reads.</summary>
    public UnknownFieldPolicy UnknownField { get; init; } = UnknownFieldPolicy.Ignore;

    /// <summary>What becomes of a sum that does not fit its type when the bar closes.</summary>
    public OverflowPolicy Overflow { get; init; } = OverflowPolicy.Saturate;

    /// <summary>What becomes of bars that are made again because the spec makes other bars of the stored ticks.</summary>
    public RebuildPolicy Rebuild { get; init; } = RebuildPolicy.Store;

    /// <summary>Ticks further ahead of the clock than this are rejected; nanoseconds.</summary>
    public long MaxFutureNs { get; init; } = DefaultMaxFutureNs;

    /// <summary>Longest dimension value in UTF-8 bytes.</summary>
    public int MaxDimensionBytes { get; init; } = DefaultMaxDimensionBytes;

    /// <summary>
    /// Most keys that the series may hold at once; a tick of a further key is rejected (cardinality_limit). 0 is unlimited.
    /// </summary>
    public long MaxKeys { get; init; }

    /// <summary>Where bars go on Kafka; null when the spec names no topic.</summary>
    public KafkaOutputSpec? Kafka { get; init; }

    /// <summary>Topic of late ticks (<see cref="LatePolicy.Route"/>); null where they are not routed.</summary>
    public string? LateTopic { get; init; }

    /// <summary>File the spec was read from, for messages.</summary>
    public string Source { get; init; } = "";

    /// <summary>Most metrics, and most distinct fields, of one series: presence is kept in 64 bits.</summary>
    public const int MaxMetrics = 64;
}

/// <summary>A dimension: one named part of the key.</summary>
/// <param name="Name">Name as producers send it.</param>
public sealed record DimensionSpec(string Name);

/// <summary>A metric of the bar.</summary>
/// <param name="Name">Name in bars; unique in the series.</param>
/// <param name="Field">Field of the tick it reads; null if it reads none.</param>
/// <param name="Type">Type of its values, and of the field.</param>
/// <param name="Aggregation">The YAML word of the aggregation.</param>
/// <param name="Unit">Unit for people and OTLP, if given.</param>
/// <param name="Description">Text for people and OTLP, if given.</param>
public sealed record MetricSpec(
    string Name, string? Field, FieldType Type, string Aggregation, string? Unit = null, string? Description = null)
{
    /// <summary>
    /// How OTLP presents the metric if its aggregation is additive; null for what its type allows: a counter if it cannot fall, else a sum.
    /// </summary>
    public OtlpKind? Otlp { get; init; }
}

/// <summary>Kafka output of a series.</summary>
/// <param name="Topic">Topic name.</param>
/// <param name="Encoding">otlp, otlp_resource_metrics or json.</param>
/// <param name="OnFailure">What happens to bars while Kafka is away.</param>
public sealed record KafkaOutputSpec(string Topic, string Encoding, FailurePolicy OnFailure);
