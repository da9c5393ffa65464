using System.Globalization;
using System.Text.RegularExpressions;

namespace Tikr.Tests.Architecture.Deployment;

/// <summary>The way of the bars from their topics to Prometheus, as the files of collector and Prometheus lay it.</summary>
public sealed partial class MonitoringTests
{
    [Fact]
    public void The_collector_reads_the_topics_of_the_specs_and_no_others()
    {
        var topics = Monitoring.Specs.Where(spec => spec.Text("output", "kafka", "encoding") == "otlp")
            .Select(spec => spec.Text("output", "kafka", "topic"));

        Assert.Equal(topics.Order(StringComparer.Ordinal), Monitoring.Collector.List("receivers", "kafka", "metrics", "topics")
            .Order(StringComparer.Ordinal));
        Assert.Equal("otlp_proto", Monitoring.Collector.Text("receivers", "kafka", "metrics", "encoding"));
    }

    [Theory]
    [InlineData("receivers")]
    [InlineData("processors")]
    [InlineData("exporters")]
    public void What_the_collector_configures_it_uses_and_the_other_way_round(string kind) =>
        Assert.Equal(Monitoring.Collector.Keys(kind), Monitoring.Collector.List("service", "pipelines", "metrics", kind));

    [Fact]
    public void The_revision_is_filtered_by_the_header_that_the_server_sets()
    {
        var header = Assert.Single(Monitoring.Collector.List("receivers", "kafka", "header_extraction", "headers"));

        Assert.Contains($"\"{header}\"",
            File.ReadAllText(Path.Combine(SourceTree.Root, "Publishing", "Kafka", "KafkaSink.cs")), StringComparison.Ordinal);
        Assert.Contains($"resource.attributes[\"kafka.header.{header}\"] != nil",
            Monitoring.Collector.List("processors", "filter", "metrics", "datapoint"));
    }

    [Fact]
    public void The_collector_leaves_out_what_is_older_than_Prometheus_takes()
    {
        var filter = Monitoring.Collector.List("processors", "filter", "metrics", "datapoint")
            .Select(line => Oldest().Match(line)).Single(match => match.Success);
        var sent = new TimeSpan(Number(filter.Groups[1]), Number(filter.Groups[2]), 0);

        Assert.InRange(sent, TimeSpan.FromHours(1), TimeSpan.FromHours(
            Hours(Monitoring.Prometheus.Text("storage", "tsdb", "out_of_order_time_window"))) - TimeSpan.FromMinutes(10));
    }

    [Fact]
    public void Sums_become_gauges_since_Prometheus_takes_no_deltas() =>
        Assert.Equal(["convert_sum_to_gauge()"], ((IList<object>)Monitoring.Collector.Sections(
            "processors", "transform", "metric_statements").Single()["statements"]).Cast<string>());

    [Fact]
    public void Prometheus_takes_what_the_collector_writes()
    {
        Assert.Equal("http://prometheus:9090/api/v1/write", Monitoring.Collector.Text("exporters", "prometheusremotewrite", "endpoint"));
        Assert.Contains("--web.enable-remote-write-receiver", ComposeFile.List("prometheus", "command"));
    }

    [Fact]
    public void Prometheus_scrapes_the_metrics_port_of_the_server_and_the_collector()
    {
        Assert.Equal("tikr:9878", Monitoring.ScrapeTargets["tikr"]);
        Assert.EndsWith(":9878", ComposeFile.List("tikr", "ports").Last(), StringComparison.Ordinal);
        var reader = (IDictionary<object, object>)((IDictionary<object, object>)Monitoring.Collector.Sections(
            "service", "telemetry", "metrics", "readers").Single()["pull"])["exporter"];
        Assert.Equal(Monitoring.ScrapeTargets["collector"], $"collector:{((IDictionary<object, object>)reader["prometheus"])["port"]}");
    }

    [Theory]
    [InlineData("collector", "--config=/etc/collector/config.yaml")]
    [InlineData("prometheus", "--config.file=/etc/prometheus/prometheus.yml")]
    public void Services_read_the_file_that_is_mounted(string service, string argument)
    {
        Assert.Contains(argument, ComposeFile.List(service, "command"));
        Assert.Contains(ComposeFile.List(service, "volumes"), mount => IsMountOf(mount, argument[(argument.IndexOf('=') + 1)..]));
    }

    [Fact]
    public void Names_of_services_in_the_files_are_those_of_the_compose_file() =>
        Assert.All(
            new[] { Monitoring.Collector, Monitoring.Prometheus, Monitoring.DataSources }.SelectMany(
                file => Address().Matches(File.ReadAllText(Path.Combine(SourceTree.Root, file.Path)))),
            address => Assert.Contains(address.Groups[1].Value, ComposeFile.Services.Keys.Append("localhost")));

    private static bool IsMountOf(string mount, string file)
    {
        var parts = mount.Split(':');
        return file.StartsWith(parts[1] + "/", StringComparison.Ordinal)
            && File.Exists(Path.Combine(ComposeFile.Folder, parts[0], file[(parts[1].Length + 1)..]));
    }

    private static int Hours(string duration) => int.Parse(duration.TrimEnd('h'), CultureInfo.InvariantCulture);

    private static int Number(Group group) => group.Success ? int.Parse(group.Value, CultureInfo.InvariantCulture) : 0;

    [GeneratedRegex("""^time < Now\(\) - Duration\("(\d+)h(?:(\d+)m)?"\)$""")]
    private static partial Regex Oldest();

    [GeneratedRegex(@"(?<![\w.])([a-z]+):\d{4,5}\b")]
    private static partial Regex Address();
}
