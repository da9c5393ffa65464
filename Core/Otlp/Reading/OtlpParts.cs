using static Tikr.Core.Otlp.Reading.OtlpPart;

namespace Tikr.Core.Otlp.Reading;

/// <summary>What a field with a length holds, from opentelemetry/proto/{metrics,resource,common}/v1.</summary>
internal enum OtlpPart : byte
{
    /// <summary>Bytes, or nothing that we know.</summary>
    Opaque,
    Text,

    /// <summary>Packed numbers of eight bytes.</summary>
    Words,

    /// <summary>Packed varints.</summary>
    Varints,
    Payload,
    ResourceMetrics,
    Resource,
    EntityRef,
    ScopeMetrics,
    Scope,
    Metric,
    Points,
    Point,
    Exemplar,
    Histogram,
    HistogramPoint,
    ExponentialHistogram,
    ExponentialPoint,
    ExponentialBuckets,
    Summary,
    SummaryPoint,
    Quantile,
    KeyValue,
    Value,
    Values,
    KeyValues,
}

/// <summary>The shape of OTLP, for the parts that bars do not need: they must be whole all the same.</summary>
internal static class OtlpParts
{
    /// <summary>What a field of a message holds, if its value has a length.</summary>
    public static OtlpPart Of(OtlpPart message, uint field) => (message, field) switch
    {
        (Payload, 1) => ResourceMetrics,
        (ResourceMetrics, 1) => Resource,
        (ResourceMetrics, 2) => ScopeMetrics,
        (ResourceMetrics, 3) => Text,
        (Resource, 1) => KeyValue,
        (Resource, 3) => EntityRef,
        (EntityRef, >= 1 and <= 4) => Text,
        (ScopeMetrics, 1) => Scope,
        (ScopeMetrics, 2) => Metric,
        (ScopeMetrics, 3) => Text,
        (Scope, 1 or 2) => Text,
        (Scope, 3) => KeyValue,
        (Metric, >= 1 and <= 3) => Text,
        (Metric, 5 or 7) => Points,
        (Metric, 9) => Histogram,
        (Metric, 10) => ExponentialHistogram,
        (Metric, 11) => Summary,
        (Metric, 12) => KeyValue,
        (Points, 1) => Point,
        (Point, 5) => Exemplar,
        (Point, 7) => KeyValue,
        (Exemplar, 7) => KeyValue,
        (Histogram, 1) => HistogramPoint,
        (HistogramPoint, 6 or 7) => Words,
        (HistogramPoint, 8) => Exemplar,
        (HistogramPoint, 9) => KeyValue,
        (ExponentialHistogram, 1) => ExponentialPoint,
        (ExponentialPoint, 1) => KeyValue,
        (ExponentialPoint, 8 or 9) => ExponentialBuckets,
        (ExponentialPoint, 11) => Exemplar,
        (ExponentialBuckets, 2) => Varints,
        (Summary, 1) => SummaryPoint,
        (SummaryPoint, 6) => Quantile,
        (SummaryPoint, 7) => KeyValue,
        (KeyValue, 1) => Text,
        (KeyValue, 2) => Value,
        (Value, 1) => Text,
        (Value, 5) => Values,
        (Value, 6) => KeyValues,
        (Values, 1) => Value,
        (KeyValues, 1) => KeyValue,
        _ => Opaque,
    };
}
