using System.Net;
using Tikr.Core.Configuration;

namespace Tikr.Tests.Core.Configuration;

public sealed class ConfigurationLoaderTests
{
    private static readonly Dictionary<string, string> NoEnvironment = [];

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("# nothing but a comment")]
    [InlineData("storage:\n  ticks:\n    ttl:")]
    public void Nothing_said_means_the_defaults(string? yaml)
    {
        var configuration = Load(yaml);
        Assert.Equal(new TikrConfiguration(), configuration);
        Assert.Equal(new ServerSettings { GrpcPort = 9876, HttpPort = 9877, Bind = IPAddress.Loopback }, configuration.Server);
        Assert.Equal((StorageBackend.RocksDb, "./data", StorageDurability.Os),
            (configuration.Storage.Backend, configuration.Storage.DataDir, configuration.Storage.Durability));
        Assert.Equal(new TierSettings(TimeSpan.FromHours(6), 50L << 30), configuration.Storage.Ticks);
        Assert.Equal(new TierSettings(TimeSpan.FromHours(12), 5L << 30), configuration.Storage.Rollup);
        Assert.Equal((TimeSpan.FromMinutes(1), 4_194_304), (configuration.Ingest.IdleKeyTimeout, configuration.Ingest.MaxKeysInMemory));
        Assert.Equal(TimeSpan.FromSeconds(2), configuration.Close.MaxCloseDelay);
        Assert.Empty(configuration.Kafka.Brokers);
        Assert.Equal((true, "tikr", true, 9878), (
            configuration.Telemetry.Enabled,
            configuration.Telemetry.ServiceName,
            configuration.Telemetry.Prometheus.Enabled,
            configuration.Telemetry.Prometheus.Port));
        Assert.Equal("./specs", configuration.SpecsDir);
    }

    [Fact]
    public void A_file_of_the_Go_server_loads_unchanged()
    {
        var result = ConfigurationLoader.Load(ConfigurationTexts.OfGoServer, "default.yaml", NoEnvironment);
        Assert.Empty(result.Errors);
        var configuration = result.Configuration!;
        Assert.Equal((19876, 19877), (configuration.Server.GrpcPort, configuration.Server.HttpPort));
        Assert.Equal("/var/ticks", configuration.Storage.DataDir);
        Assert.Equal(new TierSettings(TimeSpan.FromHours(2), 40L << 30), configuration.Storage.Ticks);
        Assert.Equal(new TierSettings(TimeSpan.FromHours(3), 4L << 30), configuration.Storage.Rollup);
        Assert.Equal(["kafka-1:9092", "kafka-2:9093"], configuration.Kafka.Brokers);
        Assert.Equal(("edge-7", 19878), (configuration.Telemetry.ServiceName, configuration.Telemetry.Prometheus.Port));
        Assert.Equal(
            (true, "edge-metrics", "proto"),
            (configuration.Telemetry.Kafka.Enabled, configuration.Telemetry.Kafka.MetricsTopic, configuration.Telemetry.Kafka.Encoding));
        Assert.Equal(["kafka-1:9092"], configuration.Telemetry.Kafka.Brokers);
        Assert.Equal("/etc/series", configuration.SpecsDir);
    }

    [Fact]
    public void Sections_without_effect_are_noticed_once_each()
    {
        var result = ConfigurationLoader.Load(ConfigurationTexts.OfGoServer, "default.yaml", NoEnvironment);
        Assert.Equal(
            [
                "default.yaml:23: telemetry.kafka.enabled: Tikr's own metrics do not go "
                    + "to Kafka in this version; keys of this section have no effect.",
            ],
            result.Notices.Select(notice => notice.ToString()));
        Assert.All(result.Notices, notice => Assert.Equal(NoticeSeverity.Notice, notice.Severity));
    }

    [Theory]
    [InlineData("50", 53_687_091_200)]
    [InlineData("0.05", 53_687_091)]
    [InlineData("0.001", 1_073_741)]
    [InlineData(".5", 536_870_912)]
    [InlineData("1000000", 1_073_741_824_000_000)]
    public void Sizes_may_be_fractions_of_a_GB(string text, long bytes) =>
        Assert.Equal(bytes, Load($"storage: {{ticks: {{max_size_gb: {text}}}}}").Storage.Ticks.MaxSizeBytes);

    [Theory]
    [InlineData("1h", 60)]
    [InlineData("60m", 60)]
    [InlineData("1h30m", 90)]
    [InlineData("24h", 1440)]
    [InlineData("86400s", 1440)]
    public void A_ttl_is_from_one_hour_to_a_day(string text, int minutes) =>
        Assert.Equal(TimeSpan.FromMinutes(minutes), Load($"storage: {{rollup: {{ttl: {text}}}}}").Storage.Rollup.Ttl);

    [Theory]
    [InlineData("localhost", "127.0.0.1")]
    [InlineData("0.0.0.0", "0.0.0.0")]
    [InlineData("'::'", "::")]
    [InlineData("10.1.2.3", "10.1.2.3")]
    public void An_address_may_be_v4_or_v6(string text, string address) =>
        Assert.Equal(IPAddress.Parse(address), Load($"server: {{bind: {text}}}").Server.Bind);

    [Theory]
    [InlineData("false", false)]
    [InlineData("off", false)]
    [InlineData("No", false)]
    [InlineData("TRUE", true)]
    [InlineData("yes", true)]
    public void Truth_is_written_as_Go_and_YAML_write_it(string text, bool value) =>
        Assert.Equal(value, Load($"telemetry: {{enabled: {text}}}").Telemetry.Enabled);

    [Fact]
    public void Ports_may_be_left_to_the_system()
    {
        var configuration = Load("server: {grpc_port: 0, http_port: 0}\ntelemetry: {prometheus: {port: 0}}");
        Assert.Equal((0, 0, 0), (configuration.Server.GrpcPort, configuration.Server.HttpPort, configuration.Telemetry.Prometheus.Port));
    }

    [Theory]
    [InlineData("telemetry: {enabled: false, prometheus: {port: 9876}}")]
    [InlineData("telemetry: {prometheus: {enabled: false, port: 9876}}")]
    public void A_port_that_is_not_opened_takes_nobodys_place(string yaml) => Load(yaml);

    [Fact]
    public void Pebble_becomes_rocksdb_with_a_warning()
    {
        var result = ConfigurationLoader.Load("storage: {backend: pebble}", "tikr.yaml", NoEnvironment);
        Assert.Equal(StorageBackend.RocksDb, result.Configuration!.Storage.Backend);
        var warning = Assert.Single(result.Notices);
        Assert.Equal(NoticeSeverity.Warning, warning.Severity);
        Assert.Equal(
            "tikr.yaml:1: storage.backend = pebble: Pebble is a Go library; the data are kept in rocksdb, which takes its place. "
            + "Write rocksdb. Files of pebble are not read.",
            warning.ToString());
    }

    [Fact]
    public void The_specs_folder_is_known_even_if_other_keys_are_wrong()
    {
        var result = ConfigurationLoader.Load("specs_dir: /x\nserver: {grpc_port: -1}", "tikr.yaml", NoEnvironment);
        Assert.Null(result.Configuration);
        Assert.Equal("/x", result.SpecsDir);
    }

    private static TikrConfiguration Load(string? yaml)
    {
        var result = ConfigurationLoader.Load(yaml, "tikr.yaml", NoEnvironment);
        Assert.Empty(result.Errors);
        Assert.Empty(result.Notices);
        return result.Configuration!;
    }
}
