using Tikr.Core.Configuration;
using Tikr.Core.Configuration.Yaml;
using Tikr.Core.Rollup;

namespace Tikr.Core.Specs;

/// <summary>The keys of a spec and the values that they take. docs/configuration.md describes them in the same order.</summary>
internal static class SpecKeys
{
    private const long Millisecond = 1_000_000, Hour = 3_600_000_000_000, Day = 24 * Hour;

    /// <summary>Every key that a spec may have.</summary>
    public static readonly string[] Paths =
    [
        "series",
        "timestamp.field", "timestamp.precision",
        "dimensions[].name", "dimensions[].type",
        "metrics[].name", "metrics[].field", "metrics[].type", "metrics[].aggregation", "metrics[].unit", "metrics[].description",
        "metrics[].otlp",
        "granularity.rollup", "granularity.grace",
        "late", "dedup", "missing_field", "unknown_field", "overflow", "rebuild",
        "limits.max_keys", "limits.max_dimension_bytes", "limits.max_future",
        "output.kafka.topic", "output.kafka.encoding", "output.kafka.on_failure", "output.kafka.late_topic",
    ];

    public static readonly YamlShape Shape = YamlShape.Of(Paths);

    public static readonly ValueReader<TimestampPrecision> Precision = ValueReaders.Choice(
    [
        ("nanosecond", TimestampPrecision.Nanosecond),
        ("microsecond", TimestampPrecision.Microsecond),
        ("millisecond", TimestampPrecision.Millisecond),
    ]);

    public static readonly ValueReader<string> DimensionType = ValueReaders.Word("string");

    public static readonly ValueReader<FieldType> Type = ValueReaders.Choice<FieldType>(
        [.. FieldType.All.Select(type => (type.Word, type))]);

    public static readonly ValueReader<Aggregation?> Aggregation = ValueReaders.Choice<Aggregation?>(
        [.. AggregateRegistry.All.Select(aggregation => (aggregation.Word, aggregation))]);

    public static readonly ValueReader<OtlpKind?> Otlp =
        ValueReaders.Choice<OtlpKind?>([("counter", OtlpKind.Counter), ("sum", OtlpKind.Sum), ("gauge", OtlpKind.Gauge)]);

    public static readonly ValueReader<long> Rollup =
        ValueReaders.Nanoseconds(Millisecond, Day, "and buckets start at its multiples since the Unix epoch");

    public static readonly ValueReader<long> Grace = ValueReaders.Nanoseconds(0, Hour);

    public static readonly ValueReader<LatePolicy> Late =
        ValueReaders.Choice([("revise", LatePolicy.Revise), ("drop", LatePolicy.Drop), ("route", LatePolicy.Route)]);

    public static readonly ValueReader<DedupPolicy> Dedup =
        ValueReaders.Choice([("none", DedupPolicy.None), ("sequence", DedupPolicy.Sequence)]);

    public static readonly ValueReader<MissingFieldPolicy> MissingField = ValueReaders.Choice(
        [("zero", MissingFieldPolicy.Zero), ("skip", MissingFieldPolicy.Skip), ("reject", MissingFieldPolicy.Reject)]);

    public static readonly ValueReader<UnknownFieldPolicy> UnknownField =
        ValueReaders.Choice([("ignore", UnknownFieldPolicy.Ignore), ("reject", UnknownFieldPolicy.Reject)]);

    public static readonly ValueReader<OverflowPolicy> Overflow =
        ValueReaders.Choice([("saturate", OverflowPolicy.Saturate), ("omit", OverflowPolicy.Omit)]);

    public static readonly ValueReader<RebuildPolicy> Rebuild =
        ValueReaders.Choice([("store", RebuildPolicy.Store), ("publish", RebuildPolicy.Publish)]);

    /// <summary>Key numbers are 32 bits in the store.</summary>
    public static readonly ValueReader<long> MaxKeys = ValueReaders.Whole(0, uint.MaxValue);

    public static readonly ValueReader<int> MaxDimensionBytes = ValueReaders.SmallWhole(1, 65_536);

    public static readonly ValueReader<long> MaxFuture = ValueReaders.Nanoseconds(0, Day);

    public static readonly ValueReader<string> Encoding = ValueReaders.Word("otlp", "otlp_resource_metrics", "json");

    public static readonly ValueReader<FailurePolicy> OnFailure = ValueReaders.Choice(
        [("spool", FailurePolicy.Spool), ("drop", FailurePolicy.Drop), ("block", FailurePolicy.Block)]);
}
