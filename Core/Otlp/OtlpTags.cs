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
        Metadata = (12 << 3) | WireType.Bytes;

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
        IntValue = (3 << 3) | WireType.Varint;

    /// <summary>AGGREGATION_TEMPORALITY_DELTA</summary>
    public const byte Delta = 1;
}
