using System.Text;
using System.Text.Json.Nodes;
using Tikr.Core.Otlp;
using Tikr.Core.Specs;

namespace Tikr.Tests.Core.Otlp;

/// <summary>What bars look like in OTLP, read from the JSON encoding, whose structure is that of the protobuf ones.</summary>
public sealed class ShapeTests
{
    private static readonly SeriesSpec Spec = OtlpSeries.Market;

    [Fact]
    public void A_bar_in_json_is_this_text()
    {
        var spec = Spec with { Metrics = [Spec.Metrics[0], Spec.Metrics[3], Spec.Metrics[5]] };
        var bar = spec.NewBar(-5, 70, 42) with { Revision = 3 };
        var payload = BarEncoder.For(spec, BarEncoding.Json).NewTemplate(spec.Key("A\"Ä", "Q")).Encode(bar);
        const string Expected = """
            {"resourceMetrics":[{"resource":{"attributes":[
            {"key":"service.name","value":{"stringValue":"tikr"}},
            {"key":"tikr.series","value":{"stringValue":"market_ticks"}}]},
            "scopeMetrics":[{"scope":{"name":"tikr","version":"0.1.0"},"metrics":[
            {"name":"market_ticks.open","description":"Price of the first trade","gauge":{"dataPoints":[{POINT"-5"}]}},
            {"name":"market_ticks.volume","description":"Quantity traded","unit":"{share}","sum":{"dataPoints":[{POINT"70"}],
            "aggregationTemporality":1,"isMonotonic":true}},
            {"name":"market_ticks.trades","sum":{"dataPoints":[{POINT"42"}],"aggregationTemporality":1,"isMonotonic":true},
            "metadata":[
            {"key":"tikr.first_timestamp","value":{"intValue":"1700000000000000001"}},
            {"key":"tikr.last_timestamp","value":{"intValue":"1700000000999999999"}},
            {"key":"tikr.revision","value":{"intValue":"3"}}]}
            ]}]}]}
            """;
        const string Point = """
            "attributes":[
            {"key":"exchange","value":{"stringValue":"Q"}},
            {"key":"symbol","value":{"stringValue":"A\"Ä"}}],
            "startTimeUnixNano":"1700000000000000000","timeUnixNano":"1700000001000000000","asInt":
            """;
        Assert.Equal(
            Expected.Replace("POINT", Point, StringComparison.Ordinal).ReplaceLineEndings(""),
            Encoding.UTF8.GetString(payload));
    }

    [Fact]
    public void Additive_metrics_are_delta_sums_and_only_what_cannot_fall_is_monotonic() => Assert.Equal(
        ["open gauge", "high gauge", "balance sum", "volume monotonic", "largest gauge", "trades monotonic"], Kinds(Spec));

    [Theory]
    [InlineData(OtlpKind.Gauge, "gauge gauge gauge gauge gauge gauge")]
    [InlineData(OtlpKind.Sum, "gauge gauge sum sum gauge sum")]
    [InlineData(OtlpKind.Counter, "gauge gauge monotonic monotonic gauge monotonic")]
    public void A_spec_says_what_its_additive_metrics_are(OtlpKind kind, string expected)
    {
        var spec = Spec with { Metrics = [.. Spec.Metrics.Select(metric => metric with { Otlp = kind })] };
        Assert.Equal(expected, string.Join(' ', Kinds(spec).Select(found => found.Split(' ')[1])));
    }

    [Theory]
    [InlineData("otlp", "open high balance volume largest trades", "trades is in the spec")]
    [InlineData("otlp_resource_metrics", "balance high largest open tick_count trades volume", "upstream's name, in upstream's order")]
    [InlineData("json", "open high balance volume largest trades", "trades is in the spec")]
    public void The_tick_count_of_the_spec_is_not_repeated(string encoding, string metrics, string why) =>
        Assert.True(metrics == NamesIn(Spec, encoding), $"{NamesIn(Spec, encoding)}: {why}");

    [Theory]
    [InlineData("otlp", "open high balance volume largest tick_count")]
    [InlineData("otlp_resource_metrics", "balance high largest open tick_count volume")]
    [InlineData("json", "open high balance volume largest tick_count")]
    public void A_spec_without_count_gets_a_tick_count(string encoding, string metrics) =>
        Assert.Equal(metrics, NamesIn(Spec.Without("count"), encoding));

    [Theory]
    [InlineData("otlp", "tick_count")]
    [InlineData("otlp_resource_metrics", "tick_count")]
    public void A_metric_named_tick_count_is_there_once(string encoding, string metrics)
    {
        var spec = Spec with { Metrics = [new MetricSpec("tick_count", null, FieldType.UInt64, "count")] };
        Assert.Equal(metrics, NamesIn(spec, encoding));
    }

    [Theory]
    [InlineData("otlp", "tick_count bar_tick_count")]
    [InlineData("otlp_resource_metrics", "bar_tick_count tick_count")]
    public void A_metric_that_only_has_the_name_of_the_tick_count_keeps_it(string encoding, string metrics)
    {
        var spec = Spec with { Metrics = [new MetricSpec("tick_count", "price", FieldType.Int64, "sum")] };
        Assert.Equal(metrics, NamesIn(spec, encoding));
        var bar = spec.NewBar(-7);
        var read = OtlpSeries.ReadOne(BarEncoder.For(spec, BarEncodings.FromWord(encoding)).NewTemplate(spec.Key("A", "B")).Encode(bar));
        Assert.Equal((42, -7), (read.TickCount, (long)read.Metrics["tick_count"]));
    }

    [Fact]
    public void Values_above_int64_are_read_exactly()
    {
        var encoder = BarEncoder.For(Spec, BarEncoding.Otlp);
        var bar = Spec.NewBar(-1, -2, -3, -1, long.MinValue, 42);
        var read = OtlpSeries.ReadOne(encoder.NewTemplate(Spec.Key("A", "B")).Encode(bar));
        Assert.Equal((ulong.MaxValue, (UInt128)1 << 63), ((UInt128)read.Metrics["volume"], (UInt128)read.Metrics["largest"]));
    }

    [Fact]
    public void Keys_share_layouts()
    {
        var encoder = BarEncoder.For(Spec, BarEncoding.Otlp);
        var bar = Spec.NewBar(1, 2, 3, 4, 5, 42);
        Assert.Same(encoder.LayoutOf(bar, 50), encoder.LayoutOf(bar with { BucketStart = 7, TickCount = 8 }, 50));
        Assert.NotSame(encoder.LayoutOf(bar, 50), encoder.LayoutOf(bar with { Present = 62 }, 50));
    }

    private static IEnumerable<string> Kinds(SeriesSpec spec) => Metrics(spec).Select(metric => metric!).Select(metric =>
        $"{NameOf(metric)} "
            + $"{(metric["gauge"] is not null ? "gauge" : metric["sum"]!["isMonotonic"]?.GetValue<bool>() == true ? "monotonic" : "sum")}");

    private static JsonArray Metrics(SeriesSpec spec)
    {
        var bar = spec.NewBar(new long[spec.Metrics.Length]);
        var root = JsonNode.Parse(BarEncoder.For(spec, BarEncoding.Json).NewTemplate(spec.Key("A", "B")).Encode(bar))!;
        return root["resourceMetrics"]![0]!["scopeMetrics"]![0]!["metrics"]!.AsArray();
    }

    private static string NamesIn(SeriesSpec spec, string encoding)
    {
        var values = spec.Metrics.Select(metric => metric.Aggregation == "count" ? 42L : 0).ToArray();
        var payload = BarEncoder.For(spec, BarEncodings.FromWord(encoding)).NewTemplate(spec.Key("A", "B")).Encode(spec.NewBar(values));
        return string.Join(' ', OtlpSeries.ReadOne(payload).Metrics.Keys);
    }

    private static string NameOf(JsonNode metric) => metric["name"]!.GetValue<string>()["market_ticks.".Length..];
}
