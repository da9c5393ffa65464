namespace Tikr.Core.Otlp;

/// <summary>Tags of the OTLP fields that bars use, from opentelemetry/proto/{metrics,resource,common}/v1.</summary>
internal static class OtlpTags
{
    // MetricsData, ResourceMetrics, ScopeMetrics
    public const byte ResourceMetrics = 0x0a, Resource = 0x0a, ScopeMetrics = 0x12, Scope = 0x0a, Metric = 0x12;

    // Resource, InstrumentationScope
    public const byte ResourceAttribute = 0x0a, ScopeName = 0x0a, ScopeVersion = 0x12;

    // Metric
    public const byte Name = 0x0a, Description = 0x12, Unit = 0x1a, Gauge = 0x2a, Sum = 0x3a, Metadata = 0x62;

    // Gauge, Sum
    public const byte DataPoint = 0x0a, Temporality = 0x10, IsMonotonic = 0x18;

    // NumberDataPoint
    public const byte StartTime = 0x11, Time = 0x19, AsDouble = 0x21, AsInt = 0x31, PointAttribute = 0x3a, Flags = 0x40;

    // KeyValue, AnyValue
    public const byte Key = 0x0a, Value = 0x12, StringValue = 0x0a, IntValue = 0x18;

    /// <summary>AGGREGATION_TEMPORALITY_DELTA</summary>
    public const byte Delta = 1;
}
