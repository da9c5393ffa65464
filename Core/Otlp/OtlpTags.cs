using Tikr.Core.Wire;

namespace Tikr.Core.Otlp;

/// <summary>Tags of the OTLP fields that bars use, from opentelemetry/proto/{metrics,resource,common}/v1.</summary>
internal static class OtlpTags
{
    // MetricsData, ResourceMetrics, ScopeMetrics
    public const byte
        ResourceMetrics = (1 << 3) | WireType.Bytes,
        Resource = (1 << 3) | WireType.Bytes,
        ScopeMetrics = (2 << 3) | WireType.Bytes,
        Scope = (1 << 3) | WireType.Bytes,
        Metric = (2 << 3) | WireType.Bytes;

    // Resource, InstrumentationScope
    public const byte
        ResourceAttribute = (1 << 3) | WireType.Bytes,
        ScopeName = (1 << 3) | WireType.Bytes,
        ScopeVersion = (2 << 3) | WireType.Bytes;

    // Metric
    public const byte
        Name = (1 << 3) | WireType.Bytes,
        Description = (2 << 3) | WireType.Bytes,
        Unit = (3 << 3) | WireType.Bytes,
        Gauge = (5 << 3) | WireType.Bytes,
        Sum = (7 << 3) | WireType.Bytes,
        Histogram = (9 << 3) | WireType.Bytes,
        ExponentialHistogram = (10 << 3) | WireType.Bytes,
        Summary = (11 << 3) | WireType.Bytes,
        Metadata = (12 << 3) | WireType.Bytes;

    /// <summary>Whether a field of a metric holds its data, of whatever kind: a metric has one kind, the last that is given.</summary>
    public static bool IsData(uint tag) => tag is Gauge or Sum or Histogram or ExponentialHistogram or Summary;

    // Gauge, Sum
    public const byte
        DataPoint = (1 << 3) | WireType.Bytes,
        Temporality = (2 << 3) | WireType.Varint,
        IsMonotonic = (3 << 3) | WireType.Varint;

    // NumberDataPoint
    public const byte
        StartTime = (2 << 3) | WireType.Fixed64,
        Time = (3 << 3) | WireType.Fixed64,
        AsDouble = (4 << 3) | WireType.Fixed64,
        AsInt = (6 << 3) | WireType.Fixed64,
        PointAttribute = (7 << 3) | WireType.Bytes,
        Flags = (8 << 3) | WireType.Varint;

    // KeyValue, AnyValue
    public const byte
        Key = (1 << 3) | WireType.Bytes,
        Value = (2 << 3) | WireType.Bytes,
        StringValue = (1 << 3) | WireType.Bytes,
        BoolValue = (2 << 3) | WireType.Varint,
        IntValue = (3 << 3) | WireType.Varint,
        DoubleValue = (4 << 3) | WireType.Fixed64,
        ArrayValue = (5 << 3) | WireType.Bytes,
        ListValue = (6 << 3) | WireType.Bytes,
        BytesValue = (7 << 3) | WireType.Bytes;

    /// <summary>Whether a field of a value holds neither text nor an integer: a value is of one kind, the last that is given.</summary>
    public static bool IsOtherValue(uint tag) => tag is BoolValue or DoubleValue or ArrayValue or ListValue or BytesValue;

    /// <summary>AGGREGATION_TEMPORALITY_DELTA</summary>
    public const byte Delta = 1;
}
