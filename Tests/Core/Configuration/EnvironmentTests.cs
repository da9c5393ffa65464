using System.Net;
using Tikr.Core.Configuration;

namespace Tikr.Tests.Core.Configuration;

public sealed class EnvironmentTests
{
    [Fact]
    public void Every_key_has_a_variable_and_the_variable_wins_over_the_file()
    {
        var configuration = Load(
            ConfigurationTexts.OfGoServer,
            ("TIKR_SERVER_GRPC_PORT", "1"), ("TIKR_SERVER_HTTP_PORT", "2"), ("TIKR_SERVER_BIND", "0.0.0.0"),
            ("TIKR_STORAGE_BACKEND", "timescale"), ("TIKR_STORAGE_TIMESCALE_CONNECTION_STRING", "Host=h;Password=p"),
                ("TIKR_STORAGE_TIMESCALE_COMPRESS_BARS", "yes"), ("TIKR_CLUSTER_ADDRESS", "10.0.0.4"),
                ("TIKR_CLUSTER_SILO_PORT", "4"), ("TIKR_CLUSTER_PROBE_TIMEOUT", "3s"), ("TIKR_CLUSTER_MISSED_PROBES", "5"),
                ("TIKR_CLUSTER_HEARTBEAT_TIMEOUT", "9s"), ("TIKR_STORAGE_ACCEPT_DAMAGED_LOG", "true"),
            ("TIKR_STORAGE_DATA_DIR", "/d"), ("TIKR_STORAGE_DURABILITY", "disk"),
            ("TIKR_STORAGE_TICKS_TTL", "4h"), ("TIKR_STORAGE_TICKS_MAX_SIZE_GB", "0.5"),
            ("TIKR_STORAGE_ROLLUP_TTL", "5h"), ("TIKR_STORAGE_ROLLUP_MAX_SIZE_GB", "0.25"),
            ("TIKR_INGEST_IDLE_KEY_TIMEOUT", "5s"), ("TIKR_INGEST_MAX_KEYS_IN_MEMORY", "1000"), ("TIKR_CLOSE_MAX_CLOSE_DELAY", "1s"),
            ("TIKR_KAFKA_BROKERS", "a:1, b:2,"), ("TIKR_KAFKA_SETTINGS", "security.protocol=SASL_SSL,sasl.password=p=w"),
                ("TIKR_KAFKA_PARTITIONER", "fnv1a"),
            ("TIKR_KAFKA_TOPICS_CREATE", "no"), ("TIKR_KAFKA_TOPICS_PARTITIONS", "3"),
                ("TIKR_KAFKA_TOPICS_REPLICATION", "2"), ("TIKR_KAFKA_TOPICS_RETENTION", "48h"),
            ("TIKR_KAFKA_OUTBOX_PARTITIONS", "6"), ("TIKR_KAFKA_SPOOL_MAX_SIZE_GB", "2"),
                ("TIKR_KAFKA_BLOCK_MAX_RECORDS", "7"), ("TIKR_KAFKA_DROP_AFTER", "8s"),
            ("TIKR_TELEMETRY_ENABLED", "false"), ("TIKR_TELEMETRY_SERVICE_NAME", "x"),
            ("TIKR_TELEMETRY_KAFKA_ENABLED", "no"), ("TIKR_TELEMETRY_KAFKA_BROKERS", "c:3"),
            ("TIKR_TELEMETRY_KAFKA_METRICS_TOPIC", "t"), ("TIKR_TELEMETRY_KAFKA_ENCODING", "json"),
            ("TIKR_TELEMETRY_PROMETHEUS_ENABLED", "off"), ("TIKR_TELEMETRY_PROMETHEUS_PORT", "3"),
            ("TIKR_TELEMETRY_OTLP_ENDPOINT", "https://collector:4318/a"), ("TIKR_TELEMETRY_OTLP_PROTOCOL", "http/protobuf"),
            ("TIKR_SPECS_DIR", "/s"));
        Assert.Equal((1, 2, "0.0.0.0"),
            (configuration.Server.GrpcPort, configuration.Server.HttpPort, configuration.Server.Bind.ToString()));
        Assert.Equal(
            new StorageSettings
            {
                Backend = StorageBackend.Timescale,
                Timescale = new TimescaleSettings { ConnectionString = "Host=h;Password=p", CompressBars = true },
                DataDir = "/d",
                Durability = StorageDurability.Disk,
                AcceptDamagedLog = true,
                Ticks = new TierSettings(TimeSpan.FromHours(4), 1L << 29),
                Rollup = new TierSettings(TimeSpan.FromHours(5), 1L << 28),
            },
            configuration.Storage);
        Assert.Equal(new IngestSettings { IdleKeyTimeout = TimeSpan.FromSeconds(5), MaxKeysInMemory = 1000 }, configuration.Ingest);
        Assert.Equal(new CloseSettings { MaxCloseDelay = TimeSpan.FromSeconds(1) }, configuration.Close);
        Assert.Equal(
            new ClusterSettings
            {
                Address = IPAddress.Parse("10.0.0.4"),
                SiloPort = 4,
                ProbeTimeout = TimeSpan.FromSeconds(3),
                MissedProbes = 5,
                HeartbeatTimeout = TimeSpan.FromSeconds(9),
            },
            configuration.Cluster);
        Assert.Equal(["a:1", "b:2"], configuration.Kafka.Brokers);
        Assert.Equal(["security.protocol=SASL_SSL", "sasl.password=p=w"], configuration.Kafka.Settings);
        Assert.DoesNotContain("p=w", configuration.ToString(), StringComparison.Ordinal);
        Assert.Equal(
            new KafkaSettings
            {
                Brokers = configuration.Kafka.Brokers,
                Settings = configuration.Kafka.Settings,
                Partitioner = KafkaPartitioning.Fnv1a,
                Topics = new KafkaTopicSettings { Create = false, Partitions = 3, Replication = 2, Retention = TimeSpan.FromHours(48) },
                OutboxPartitions = 6,
                SpoolMaxBytes = 2L << 30,
                BlockMaxRecords = 7,
                DropAfter = TimeSpan.FromSeconds(8),
            },
            configuration.Kafka);
        var telemetry = configuration.Telemetry;
        Assert.Equal((false, "x", false, 3),
            (telemetry.Enabled, telemetry.ServiceName, telemetry.Prometheus.Enabled, telemetry.Prometheus.Port));
        Assert.Equal((false, "t", "json"), (telemetry.Kafka.Enabled, telemetry.Kafka.MetricsTopic, telemetry.Kafka.Encoding));
        Assert.Equal(["c:3"], telemetry.Kafka.Brokers);
        Assert.Equal(new OtlpSettings { Endpoint = new Uri("https://collector:4318/a"), Protocol = OtlpProtocol.HttpProtobuf },
            telemetry.Otlp);
        Assert.Equal("/s", configuration.SpecsDir);
    }

    [Fact]
    public void An_empty_variable_counts_as_unset() =>
        Assert.Equal(19876, Load(ConfigurationTexts.OfGoServer, ("TIKR_SERVER_GRPC_PORT", ""), ("TIKR_NO_SUCH_KEY", "")).Server.GrpcPort);

    [Theory]
    [InlineData("TIKR_DATA_DIR")]
    [InlineData("TIKR_STORAGE_DATA_DIR")]
    public void The_data_folder_has_a_short_name_too(string variable) => Assert.Equal("/d", Load(null, (variable, "/d")).Storage.DataDir);

    [Fact]
    public void Both_names_may_agree() =>
        Assert.Equal("/d", Load(null, ("TIKR_DATA_DIR", "/d"), ("TIKR_STORAGE_DATA_DIR", "/d")).Storage.DataDir);

    [Theory]
    [InlineData("PATH", "/bin")]
    [InlineData("tikr_server_grpc_port", "x")]
    [InlineData("TIKR_ADDR", "localhost:9876")]
    [InlineData("TIKR_PROTO_DIR", "/proto")]
    [InlineData("TIKR_STUB_CACHE", "/tmp")]
    [InlineData("TIKR_PORT", "tcp://10.0.0.1:9876")]
    [InlineData("TIKR_PORT_9876_TCP", "tcp://10.0.0.1:9876")]
    [InlineData("TIKR_PORT_9876_TCP_PROTO", "tcp")]
    [InlineData("TIKR_PORT_9876_TCP_PORT", "9876")]
    [InlineData("TIKR_PORT_9876_TCP_ADDR", "10.0.0.1")]
    [InlineData("TIKR_SERVICE_HOST", "10.0.0.1")]
    [InlineData("TIKR_SERVICE_PORT", "9876")]
    [InlineData("TIKR_SERVICE_PORT_GRPC", "9876")]
    [InlineData("TIKR_DASHBOARD_SERVICE_HOST", "10.0.0.2")]
    public void Variables_of_others_are_left_alone(string variable, string value) =>
        Assert.Equal(new TikrConfiguration(), Load(null, (variable, value)));

    internal static TikrConfiguration Load(string? yaml, params (string Name, string Value)[] variables)
    {
        var result = ConfigurationLoader.Load(
            yaml, "tikr.yaml", variables.ToDictionary(variable => variable.Name, variable => variable.Value));
        Assert.Empty(result.Errors);
        return result.Configuration!;
    }
}
