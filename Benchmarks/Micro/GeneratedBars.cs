using Google.Protobuf;
using Tikr.Benchmarks.Micro.Generated;
using Tikr.Core.Dimensions;
using Tikr.Core.Rollup;
using Tikr.Core.Specs;

namespace Tikr.Benchmarks.Micro;

/// <summary>Encodes bars by generated protobuf classes, as one would without an encoder of one's own.</summary>
internal static class GeneratedBars
{
    public static byte[] Encode(SeriesSpec spec, DimensionSet key, Bar bar)
    {
        var scope = new ScopeMetrics { Scope = new Scope { Name = "tikr", Version = "0.1.0" } };
        for (var i = 0; i < spec.Metrics.Length; i++) scope.Metrics.Add(ToMetric(spec, i, key, bar));
        var resource = new ResourceMetrics
        {
            Resource = new Resource { Attributes = { Text("service.name", "tikr"), Text("tikr.series", spec.Series) } },
            ScopeMetrics = { scope },
        };
        return new MetricsData { ResourceMetrics = { resource } }.ToByteArray();
    }

    private static Metric ToMetric(SeriesSpec spec, int index, DimensionSet key, Bar bar)
    {
        var from = spec.Metrics[index];
        var aggregation = AggregateRegistry.Of(from.Aggregation);
        var point = new NumberDataPoint
        {
            StartTimeUnixNano = (ulong)bar.BucketStart,
            TimeUnixNano = (ulong)(bar.BucketStart + spec.RollupNs),
            AsInt = bar.Values[index],
        };
        for (var i = 0; i < key.Values.Length; i++) point.Attributes.Add(Text(spec.Dimensions[i].Name, key.Values[i]));
        var metric = new Metric { Name = $"{spec.Series}.{from.Name}", Description = from.Description ?? "", Unit = from.Unit ?? "" };
        if (!aggregation.IsAdditive) metric.Gauge = new Gauge { DataPoints = { point } };
        else metric.Sum = new Sum { DataPoints = { point }, AggregationTemporality = 1, IsMonotonic = from.Type.Unsigned };
        if (!aggregation.IsTickCount) return metric;
        metric.Metadata.Add(Number("tikr.first_timestamp", bar.FirstTimestamp));
        metric.Metadata.Add(Number("tikr.last_timestamp", bar.LastTimestamp));
        return metric;
    }

    private static KeyValue Text(string key, string value) => new() { Key = key, Value = new AnyValue { StringValue = value } };

    private static KeyValue Number(string key, long value) => new() { Key = key, Value = new AnyValue { IntValue = value } };
}
