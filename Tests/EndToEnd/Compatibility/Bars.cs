using Tikr.Core.Dimensions;
using Tikr.Core.Otlp;
using Tikr.Core.Rollup;
using Tikr.Core.Specs;
using Tikr.Tests.Support.Otlp;

namespace Tikr.Tests.EndToEnd.Compatibility;

/// <summary>
/// Bars with values of every kind, and the data points that OTLP must have of them, worked out from the spec the simple way.
/// </summary>
internal sealed class Bars(int seed)
{
    private static readonly string[] Words = ["AAPL", "", "Ä\"\\/\n€", "𝄞", "a|b=c", new string('x', 200), "10.0.0.1", "tcp"];
    private static readonly long[] Numbers = [0, 1, -1, long.MaxValue, long.MinValue, 127, 128, -5_000_000_000];

    private readonly Random _random = new(seed);

    public DimensionSet NextKey(SeriesSpec spec) => new(spec, [.. spec.Dimensions.Select(_ => Words[_random.Next(Words.Length)])]);

    public Bar NextBar(SeriesSpec spec)
    {
        var bucket = (_random.NextInt64(0, 2_000_000_000) * 1_000_000_000) / spec.RollupNs * spec.RollupNs;
        var first = bucket + _random.NextInt64(spec.RollupNs);
        var ticks = _random.Next(3) == 0 ? long.MaxValue : _random.NextInt64(1, 100_000);
        var present = _random.Next(2) == 0 ? ulong.MaxValue : (ulong)_random.NextInt64();
        var values = new long[spec.Metrics.Length];
        for (var i = 0; i < values.Length; i++)
        {
            if (spec.Metrics[i].Aggregation == "count") (values[i], present) = (ticks, present | (1UL << i));
            else if ((present >> i & 1) != 0)
                values[i] = _random.Next(2) == 0 ? Numbers[_random.Next(Numbers.Length)] : _random.NextInt64(-1000, 10_000_000);
        }

        return new Bar
        {
            BucketStart = bucket,
            FirstTimestamp = first,
            LastTimestamp = first + ((bucket + spec.RollupNs - first) / 2),
            TickCount = ticks,
            Values = values,
            Present = present & ((1UL << values.Length) - 1),
            Revision = _random.Next(3) == 0 ? _random.Next() : 0,
        };
    }

    /// <summary>Data points of a bar as <c>otlp</c> and <c>json</c> have them.</summary>
    public static IEnumerable<OtlpPoint> Standard(SeriesSpec spec, DimensionSet key, Bar bar)
    {
        var counted = spec.Metrics.Any(metric => metric.Name == "tick_count")
            ? "tick_count"
            : spec.Metrics.FirstOrDefault(metric => metric.Aggregation == "count")?.Name;
        for (var i = 0; i < spec.Metrics.Length; i++)
        {
            var metric = spec.Metrics[i];
            if (!bar.Has(i)) continue;
            var huge = metric.Type.Unsigned && bar.Values[i] < 0;
            var revision = bar.Revision == 0 ? "" : $" tikr.revision={bar.Revision}";
            yield return Point(spec, key, metric.Name, bar.BucketStart, bar.BucketStart + spec.RollupNs, bar.Values[i]) with
            {
                Unit = metric.Unit ?? "",
                Description = metric.Description ?? "",
                Kind = metric.Aggregation switch
                {
                    "count" => "monotonic delta sum",
                    "sum" => metric.Type.Unsigned || metric.Otlp == OtlpKind.Counter ? "monotonic delta sum" : "delta sum",
                    _ => "gauge",
                },
                Value = huge ? FormattableString.Invariant($"double {(double)(ulong)bar.Values[i]:R}")
                    : FormattableString.Invariant($"{bar.Values[i]}"),
                Metadata = metric.Name == counted
                    ? $"tikr.first_timestamp={bar.FirstTimestamp} tikr.last_timestamp={bar.LastTimestamp}{revision}"
                    : huge ? $"tikr.bits={bar.Values[i]}" : "",
            };
        }
    }

    /// <summary>Data points of a bar in upstream's form: gauges by name, from the first tick, at the bucket start.</summary>
    public static IEnumerable<OtlpPoint> Upstream(SeriesSpec spec, DimensionSet key, Bar bar)
    {
        var revision = bar.Revision == 0 ? "" : $" tikr.revision={bar.Revision}";
        var metadata = $"tikr.first_timestamp={bar.FirstTimestamp} "
            + $"tikr.last_timestamp={bar.LastTimestamp} tikr.granularity_ns={spec.RollupNs}{revision}";
        var points = Enumerable.Range(0, spec.Metrics.Length).Where(bar.Has).Select(i =>
            Point(spec, key, spec.Metrics[i].Name, bar.FirstTimestamp, bar.BucketStart, bar.Values[i]) with
            {
                Unit = spec.Metrics[i].Unit ?? "",
                Description = spec.Metrics[i].Description ?? "",
                Metadata = spec.Metrics[i].Name == "tick_count" ? metadata : "",
            }).ToList();
        if (spec.Metrics.All(metric => metric.Name != "tick_count"))
        {
            points.Add(Point(spec, key, "tick_count", bar.FirstTimestamp, bar.BucketStart, bar.TickCount) with
            {
                Unit = "{tick}",
                Description = "Ticks in the bar",
                Metadata = metadata,
            });
        }

        return points.OrderBy(point => point.Metric, StringComparer.Ordinal);
    }

    private static OtlpPoint Point(SeriesSpec spec, DimensionSet key, string metric, long start, long time, long value) => new()
    {
        Service = "tikr",
        Series = spec.Series,
        Scope = $"tikr {typeof(BarEncoder).Assembly.GetName().Version!.ToString(3)}",
        Metric = $"{spec.Series}.{metric}",
        Kind = "gauge",
        Attributes = string.Concat(
            spec.Dimensions.Select((dimension, i) => (dimension.Name, Value: key.Values[i]))
                .OrderBy(pair => pair.Name, StringComparer.Ordinal).Select(pair => $"{pair.Name}={pair.Value}\n")),
        Start = start,
        Time = time,
        Value = FormattableString.Invariant($"{value}"),
    };
}
