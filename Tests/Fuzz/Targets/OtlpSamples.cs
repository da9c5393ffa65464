using Google.Protobuf;
using Tikr.Tests.Fuzz.Otlp;

namespace Tikr.Tests.Fuzz;

/// <summary>Payloads with what bars do not need.</summary>
internal static class OtlpSamples
{
    /// <summary>A value in every field of every message.</summary>
    public static MetricsData EveryPart { get; } = new()
    {
        ResourceMetrics =
        {
            new ResourceMetrics
            {
                Resource = new Resource
                {
                    Attributes = { Text("tikr.series", "market_ticks") },
                    DroppedAttributesCount = 1,
                    EntityRefs = { new EntityRef { SchemaUrl = "u", Type = "t", IdKeys = { "i" }, DescriptionKeys = { "d" } } },
                },
                ScopeMetrics = { new ScopeMetrics { Scope = Scope, SchemaUrl = "u", Metrics = { Metrics } } },
                SchemaUrl = "u",
            },
        },
    };

    private static InstrumentationScope Scope =>
        new() { Name = "n", Version = "v", Attributes = { Text("a", "b") }, DroppedAttributesCount = 1 };

    private static IEnumerable<Metric> Metrics =>
    [
        new Metric { Name = "market_ticks.a", Description = "d", Unit = "u", Gauge = new Gauge { DataPoints = { Point } } },
        new Metric { Sum = new Sum { DataPoints = { Point }, AggregationTemporality = 1, IsMonotonic = true }, Metadata = { Others } },
        new Metric { Histogram = new Histogram { DataPoints = { HistogramPoint }, AggregationTemporality = 1 } },
        new Metric { ExponentialHistogram = new ExponentialHistogram { DataPoints = { ExponentialPoint }, AggregationTemporality = 1 } },
        new Metric { Summary = new Summary { DataPoints = { SummaryPoint } } },
    ];

    private static NumberDataPoint Point => new()
    {
        Attributes = { Text("symbol", "AAPL"), new KeyValue { Key = "n", Value = new AnyValue { IntValue = -1 } } },
        StartTimeUnixNano = 1,
        TimeUnixNano = 2,
        AsInt = 3,
        Exemplars = { Exemplar },
        Flags = 2,
    };

    private static HistogramDataPoint HistogramPoint => new()
    {
        Attributes = { Text("a", "b") },
        StartTimeUnixNano = 1,
        TimeUnixNano = 2,
        Count = 3,
        Sum = 4,
        BucketCounts = { 1, 2 },
        ExplicitBounds = { 1.5 },
        Exemplars = { Exemplar },
        Flags = 1,
        Min = 1,
        Max = 2,
    };

    private static ExponentialHistogramDataPoint ExponentialPoint => new()
    {
        Attributes = { Text("a", "b") },
        StartTimeUnixNano = 1,
        TimeUnixNano = 2,
        Count = 3,
        Sum = 4,
        Scale = -1,
        ZeroCount = 1,
        Positive = new Buckets { Offset = 1, BucketCounts = { 1, 300 } },
        Negative = new Buckets(),
        Flags = 1,
        Exemplars = { Exemplar },
        Min = 1,
        Max = 2,
        ZeroThreshold = 0.5,
    };

    private static SummaryDataPoint SummaryPoint => new()
    {
        Attributes = { Text("a", "b") },
        StartTimeUnixNano = 1,
        TimeUnixNano = 2,
        Count = 3,
        Sum = 4,
        Flags = 1,
        QuantileValues = { new ValueAtQuantile { Quantile = 0.5, Value = 1 } },
    };

    private static Exemplar Exemplar => new()
    {
        FilteredAttributes = { Text("a", "b") },
        TimeUnixNano = 1,
        AsDouble = 2.5,
        SpanId = ByteString.CopyFrom(1, 2),
        TraceId = ByteString.CopyFrom(3),
    };

    private static IEnumerable<KeyValue> Others =>
    [
        new KeyValue { Key = "bool", Value = new AnyValue { BoolValue = true } },
        new KeyValue { Key = "double", Value = new AnyValue { DoubleValue = 1.5 } },
        new KeyValue { Key = "bytes", Value = new AnyValue { BytesValue = ByteString.CopyFrom(1) } },
        new KeyValue
        {
            Key = "array",
            Value = new AnyValue { ArrayValue = new ArrayValue { Values = { new AnyValue { StringValue = "x" } } } },
        },
        new KeyValue { Key = "list", Value = new AnyValue { KvlistValue = new KeyValueList { Values = { Text("x", "y") } } } },
    ];

    private static KeyValue Text(string key, string value) => new() { Key = key, Value = new AnyValue { StringValue = value } };
}
