using System.Text.RegularExpressions;
using Tikr.Core.Configuration;
using Tikr.Core.Rollup;
using Tikr.Core.Specs;
using Tikr.Tests.Core.Specs;
using Tikr.Tests.Support;

namespace Tikr.Tests.Core.Configuration;

/// <summary>Holds docs/configuration.md, config/default.yaml and specs/ to what the code does.</summary>
public sealed partial class DocumentationTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "configuration.md"));

    [Fact]
    public void Every_error_on_the_page_is_one_that_the_readers_print()
    {
        var printed = SpecErrorCases.All.SelectMany(error => error.Errors)
            .Concat(ConfigurationErrorCases.All.SelectMany(error => error.Errors)).Append(SpecErrorTests.SeriesTwice).ToHashSet();
        var shown = ErrorExample().Matches(Page).Select(match => match.Groups[1].Value).ToList();
        Assert.True(shown.Count > 15);
        Assert.All(shown, example => Assert.Contains(example, printed));
    }

    [Fact]
    public void Every_default_on_the_page_is_the_default()
    {
        var rows = SettingRow().Matches(Section("## Main configuration"))
            .ToDictionary(row => row.Groups[1].Value, row => row.Groups[2].Value);
        Assert.Equal(rows.Count, SettingRow().Count(Section("## Main configuration")));
        foreach (var (key, value) in rows.Where(row => row.Value != "none"))
        {
            var variable = "TIKR_" + key.Replace('.', '_').ToUpperInvariant();
            Assert.Contains($"| `{variable}`", Page, StringComparison.Ordinal);
            Assert.Equal(new TikrConfiguration(), EnvironmentTests.Load(null, (variable, value.Trim('`'))));
        }
    }

    [Theory]
    [InlineData("## Main configuration", "tikr.yaml:1: x = 1")]
    [InlineData("## Series specs", "specs/a.yaml:1: x = 1")]
    public void Every_key_that_is_read_is_on_the_page(string section, string place)
    {
        var error = place.StartsWith("tikr", StringComparison.Ordinal)
            ? ConfigurationLoader.Load("x: 1", "tikr.yaml", new Dictionary<string, string>()).Errors[0]
            : SpecParser.Parse([new SpecFile("specs/a.yaml", "x: 1")]).Errors.Single(found => found.Key == "x");
        Assert.StartsWith(place, error.ToString(), StringComparison.Ordinal);
        var known = error.Remedy[(error.Remedy.IndexOf(':', StringComparison.Ordinal) + 1)..].TrimEnd('.')
            .Split(',', StringSplitOptions.TrimEntries);
        Assert.All(known, key => Assert.Matches($@"\| `{key}(\.|\[\]|`)", Section(section)));
    }

    [Fact]
    public void The_example_configuration_is_the_defaults()
    {
        var result = ConfigurationLoader.Load(
            File.ReadAllText(Path.Combine(Repository.Root, "config", "default.yaml")), "default.yaml", new Dictionary<string, string>());
        Assert.Empty(result.Errors);
        Assert.Empty(result.Notices);
        Assert.Equal(new TikrConfiguration(), result.Configuration);
    }

    [Fact]
    public void The_smallest_spec_on_the_page_loads()
    {
        var yaml = Page[(Page.IndexOf("```yaml", StringComparison.Ordinal) + 7)..];
        Assert.Empty(SpecParser.Parse([new SpecFile("a.yaml", yaml[..yaml.IndexOf("```", StringComparison.Ordinal)])]).Errors);
    }

    [Theory]
    [InlineData("asic_metrics", "device_id asic_id port_id", "tikr-bars-asic-1s",
        "temp_max=max(temperature):i temp_min=min(temperature):i temp_avg_numerator=sum(temperature):i voltage_min=min(voltage_mv):i "
        + "voltage_max=max(voltage_mv):i crc_errors_total=sum(crc_errors_delta):u "
        + "packet_drops_total=sum(packet_drops):u memory_util_max=max(memory_util_bps):i sample_count=count():u")]
    [InlineData("market_ticks", "symbol", "tikr-bars-market-1s",
        "open=first(price):i high=max(price):i low=min(price):i close=last(price):i volume=sum(quantity):u tick_count=count():u")]
    [InlineData("network_flows", "src_ip dst_ip protocol", "tikr-bars-network-1s", "bytes_total=sum(bytes):u packets_total=sum(packets):u "
        + "max_latency_us=max(latency_us):i min_latency_us=min(latency_us):i avg_latency_numerator=sum(latency_us):i flow_count=count():u")]
    public void The_specs_of_the_repository_are_those_of_the_Go_server(string series, string dimensions, string topic, string metrics)
    {
        var result = SpecFolder.Load(Path.Combine(Repository.Root, "specs"));
        Assert.Empty(result.Errors);
        Assert.Equal(3, result.Specs.Length);
        var spec = result.Specs.Single(candidate => candidate.Series == series);
        Assert.Equal(dimensions, string.Join(' ', spec.Dimensions.Select(dimension => dimension.Name)));
        Assert.Equal(metrics, string.Join(
            ' ', spec.Metrics.Select(metric => $"{metric.Name}={metric.Aggregation}({metric.Field}):{metric.Type.Word[0]}")));
        Assert.Equal(("1s", TimestampPrecision.Nanosecond, "timestamp_ns"), (spec.RollupText, spec.Precision, spec.TimestampField));
        Assert.Equal(new KafkaOutputSpec(topic, "otlp", FailurePolicy.Drop), spec.Kafka);
    }

    [Fact]
    public void Every_aggregation_and_type_is_on_the_page()
    {
        var words = AggregateRegistry.All.Select(aggregation => aggregation.Word).Concat(FieldType.All.Select(type => type.Word));
        Assert.All(words, word => Assert.Contains($"`{word}`", Section("## Series specs"), StringComparison.Ordinal));
    }

    private static string Section(string heading)
    {
        var start = Page.IndexOf(heading, StringComparison.Ordinal) + heading.Length;
        var end = Page.IndexOf("\n## ", start, StringComparison.Ordinal);
        return Page[start..end];
    }

    [GeneratedRegex(@"^\|[^|]*\| `([^`]*: .*)` \|$", RegexOptions.Multiline)]
    private static partial Regex ErrorExample();

    [GeneratedRegex(@"^\| `([a-z_.]+)` \| (`[^`]+`|none) \|", RegexOptions.Multiline)]
    private static partial Regex SettingRow();
}
