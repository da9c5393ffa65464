using System.Text.RegularExpressions;

namespace Tikr.Tests.Architecture.Deployment;

/// <summary>Grafana's dashboards, held to what there is to be shown.</summary>
public sealed partial class DashboardTests
{
    [Fact]
    public void Metrics_of_the_server_are_instruments_of_the_code() =>
        Assert.DoesNotContain(Used(), use => use.Metric.StartsWith("tikr_", StringComparison.Ordinal)
            && !Instruments.Names.Contains(use.Metric));

    [Fact]
    public void Metrics_of_bars_are_those_of_the_specs() =>
        Assert.DoesNotContain(Used(), use => !IsOfAProcess(use.Metric) && !Monitoring.BarMetrics.Contains(use.Metric));

    [Fact]
    public void Labels_are_dimensions_of_the_specs_or_tags_of_the_code()
    {
        var tags = Instruments.Sources.SelectMany(source => Tag().Matches(source)).Select(match => match.Groups["tag"].Value);
        var dimensions = Monitoring.Specs.SelectMany(spec => spec.Sections("dimensions")).Select(dimension => (string)dimension["name"]);
        // Those of histograms, of a scrape and of the .NET runtime.
        var known = tags.Concat(dimensions).Concat(["le", "job", "gc_heap_generation", "cpu_mode"]).ToHashSet();

        Assert.Empty(Queries().SelectMany(query => PromQl.Labels(query.Expression)
            .Where(label => !known.Contains(label)).Select(label => $"{query.Where}: {label}")));
    }

    [Theory]
    [InlineData("the health of ingest", "tikr_ingest_ticks_total", "tikr_ingest_rejected_total", "tikr_ingest_flush_ms_bucket")]
    [InlineData("the health of bars", "tikr_agg_open_bars", "tikr_agg_bars_flushed_total")]
    [InlineData("delivery", "tikr_output_kafka_writes_total", "tikr_output_kafka_drops_total", "tikr_output_outbox_depth")]
    [InlineData("store and process", "tikr_store_size", "dotnet_gc_collections_total", "dotnet_gc_pause_time_seconds_total")]
    [InlineData("bars", "market_ticks_open", "market_ticks_high", "market_ticks_low", "market_ticks_close", "market_ticks_volume")]
    public void The_dashboards_show(string what, params string[] metrics) =>
        Assert.True(metrics.All(Used().Select(use => use.Metric).Contains), what);

    [Fact]
    public void Every_counter_that_tells_of_a_loss_is_shown() =>
        Assert.Empty(Instruments.Names.Where(name => Loss().IsMatch(name)).Except(Used().Select(use => use.Metric)));

    [Fact]
    public void Dashboards_are_found_by_Grafana_and_read_its_data_source()
    {
        var source = (string)Monitoring.DataSources.Sections("datasources").Single()["uid"];
        var path = (string)((IDictionary<object, object>)Monitoring.DashboardProviders.Sections("providers").Single()["options"])["path"];

        Assert.Contains($"./grafana/dashboards:{path}:ro", ComposeFile.List("grafana", "volumes"));
        Assert.Contains($"{path}/{Dashboard.All[0].File}",
            ComposeFile.Environment("grafana", "GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"), StringComparison.Ordinal);
        Assert.All(Dashboard.All, dashboard => Assert.All(dashboard.DataSources, used => Assert.Equal(source, used)));
    }

    [Fact]
    public void Panels_have_a_place_of_their_own_and_an_identity()
    {
        Assert.Equal(Dashboard.All.Count, Dashboard.All.Select(dashboard => dashboard.Root.GetProperty("uid").GetString())
            .Distinct().Count());
        Assert.All(Dashboard.All, dashboard =>
        {
            var panels = dashboard.Root.GetProperty("panels").EnumerateArray().ToList();
            var cells = panels.Select(panel => panel.GetProperty("gridPos")).SelectMany(place =>
                from x in Enumerable.Range(place.GetProperty("x").GetInt32(), place.GetProperty("w").GetInt32())
                from y in Enumerable.Range(place.GetProperty("y").GetInt32(), place.GetProperty("h").GetInt32())
                select (x, y)).ToList();
            Assert.Equal(cells.Count, cells.Distinct().Count());
            Assert.All(cells, cell => Assert.InRange(cell.x, 0, 23));
            Assert.Equal(panels.Count, panels.Select(panel => panel.GetProperty("id").GetInt32()).Distinct().Count());
        });
    }

    [Fact]
    public void Candles_are_made_of_the_queries_of_their_panel()
    {
        var candles = Dashboard.All.SelectMany(dashboard => dashboard.Panels).Single(panel => Dashboard.Type(panel) == "candlestick");

        Assert.Equal(
            candles.GetProperty("options").GetProperty("fields").EnumerateObject().Select(field => field.Value.GetString()),
            candles.GetProperty("targets").EnumerateArray().Select(target => target.GetProperty("legendFormat").GetString()));
    }

    [Theory]
    [InlineData("sum by (series) (rate(a_total{x=\"b\"}[5m])) / 2", "a_total")]
    [InlineData("histogram_quantile(0.99, sum by (le, topic) (rate(a_ms_bucket[$__rate_interval])))", "a_ms_bucket")]
    [InlineData("a or vector(0)", "a")]
    [InlineData("1e3 * a / on (x) group_left (y) b offset 5m / $scale", "a,b")]
    public void Metrics_of_a_query_are_found(string expression, string metrics) =>
        Assert.Equal(metrics.Split(','), PromQl.Metrics(expression));

    [Theory]
    [InlineData("meter.CreateCounter<long>(\"tikr.a.b_total\", description: \"c\")", "tikr_a_b_total")]
    [InlineData("meter.CreateCounter<long>(\"tikr.a.b\", \"By\", \"c\")", "tikr_a_b_bytes_total")]
    [InlineData("meter.CreateHistogram<double>(\"tikr.a.b_ms\", \"ms\", \"c\")",
        "tikr_a_b_ms_milliseconds_bucket,tikr_a_b_ms_milliseconds_sum,tikr_a_b_ms_milliseconds_count")]
    [InlineData("Histogram<double>(\"tikr.a.b_ms\", \"c\", bounds)", "tikr_a_b_ms_bucket,tikr_a_b_ms_sum,tikr_a_b_ms_count")]
    [InlineData("meter.CreateObservableGauge(\"tikr.a.b_seconds\", read, null, \"c\")", "tikr_a_b_seconds")]
    public void Names_of_an_instrument_are_derived(string source, string names) => Assert.Equal(names.Split(','), Instruments.In(source));

    private static IEnumerable<(string Where, string Expression)> Queries() => Dashboard.All.SelectMany(dashboard => dashboard.Queries);

    // The metric of a variable is the first argument of a function that PromQL does not have.
    private static IEnumerable<(string Where, string Metric)> Used() => Queries().SelectMany(query =>
        PromQl.Metrics(LabelValues().Replace(query.Expression, "$1")).Select(metric => (query.Where, metric)));

    private static bool IsOfAProcess(string metric) =>
        metric == "up" || metric.StartsWith("tikr_", StringComparison.Ordinal) || metric.StartsWith("dotnet_", StringComparison.Ordinal);

    [GeneratedRegex(@"^label_values\((\w+), \w+\)$")]
    private static partial Regex LabelValues();

    [GeneratedRegex("""(?:object\?>|\bnew)\("(?<tag>[a-z]+)",|\{ "(?<tag>[a-z]+)",""")]
    private static partial Regex Tag();

    [GeneratedRegex("reject|drop|lost|fail|error|overflow|incomplete")]
    private static partial Regex Loss();
}
