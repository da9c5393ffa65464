namespace Tikr.Tests.Architecture.Deployment;

/// <summary>The files that the services beside the server are configured by.</summary>
internal static class Monitoring
{
    /// <summary>The collector's.</summary>
    public static YamlFile Collector { get; } = new("compose/collector/config.yaml");

    /// <summary>That of Prometheus.</summary>
    public static YamlFile Prometheus { get; } = new("compose/prometheus/prometheus.yml");

    /// <summary>Grafana's data sources.</summary>
    public static YamlFile DataSources { get; } = new("compose/grafana/provisioning/datasources/prometheus.yaml");

    /// <summary>Where Grafana finds dashboards.</summary>
    public static YamlFile DashboardProviders { get; } = new("compose/grafana/provisioning/dashboards/tikr.yaml");

    /// <summary>The specs of the repository.</summary>
    public static IReadOnlyList<YamlFile> Specs { get; } =
        [.. Directory.GetFiles(Path.Combine(SourceTree.Root, "specs"))
            .Order(StringComparer.Ordinal).Select(file => new YamlFile(SourceTree.Short(file)))];

    /// <summary>Names that Prometheus has for the metrics of bars: the collector adds no suffixes.</summary>
    public static IReadOnlySet<string> BarMetrics { get; } =
        Specs.SelectMany(spec => spec.Sections("metrics").Select(metric => $"{spec.Text("series")}_{metric["name"]}")).ToHashSet();

    /// <summary>What Prometheus scrapes, by job.</summary>
    public static IReadOnlyDictionary<string, string> ScrapeTargets { get; } = Prometheus.Sections("scrape_configs").ToDictionary(
        job => (string)job["job_name"],
        job => ((IList<object>)job["static_configs"]).Cast<IDictionary<object, object>>()
            .SelectMany(some => (IList<object>)some["targets"]).Cast<string>().Single());
}
