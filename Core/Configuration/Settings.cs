using System.Collections.Immutable;
using System.Net;
using Tikr.Core.Configuration.Yaml;
using Tikr.Core.Dimensions;

namespace Tikr.Core.Configuration;

/// <summary>Every key of the main configuration. Adding one is a line here, a property, and a line in docs/configuration.md.</summary>
internal static class Settings
{
    private static readonly ValueReader<int> Port = ValueReaders.SmallWhole(0, 65_535);
    private static readonly ValueReader<TimeSpan> Ttl = ValueReaders.Duration(TimeSpan.FromHours(1), TimeSpan.FromHours(24));

    private static readonly ValueReader<StorageBackend> Backend = ValueReaders.Choice(
        [("rocksdb", StorageBackend.RocksDb), ("timescale", StorageBackend.Timescale), ("pebble", StorageBackend.RocksDb)]);

    private static readonly ValueReader<StorageDurability> Durability = ValueReaders.Choice(
        [("os", StorageDurability.Os), ("disk", StorageDurability.Disk), ("none", StorageDurability.None)]);

    private static readonly ValueReader<KafkaPartitioning> Partitioning = ValueReaders.Choice(
        [("murmur2", KafkaPartitioning.Murmur2), ("fnv1a", KafkaPartitioning.Fnv1a)]);

    private static readonly ValueReader<OtlpProtocol> Protocol = ValueReaders.Choice(
        [("grpc", OtlpProtocol.Grpc), ("http/protobuf", OtlpProtocol.HttpProtobuf)]);

    /// <summary>The keys, in the order of the documentation.</summary>
    public static readonly ImmutableArray<Setting> All =
    [
        Server("grpc_port", Port, (server, value) => server with { GrpcPort = value }),
        Server("http_port", Port, (server, value) => server with { HttpPort = value }),
        Server<IPAddress>("bind", ValueReaders.Address, (server, value) => server with { Bind = value }),
        Server<long>("memory", ValueReaders.Memory, (server, value) => server with { MemoryBytes = value }),
        Server("max_connections", ValueReaders.SmallWhole(16, 65_536), (server, value) => server with { MaxConnections = value }),
        Server(
            "max_streams_per_connection", ValueReaders.SmallWhole(1, 100_000),
            (server, value) => server with { MaxStreamsPerConnection = value }),
        Storage("backend", Backend, (storage, value) => storage with { Backend = value }),
        Storage<string>(
            "timescale.connection_string",
            ValueReaders.ConnectionString,
            (storage, value) => storage with { Timescale = storage.Timescale with { ConnectionString = value } })
            with { IsSecret = true },
        Storage<bool>(
            "timescale.compress_bars",
            ValueReaders.Boolean,
            (storage, value) => storage with { Timescale = storage.Timescale with { CompressBars = value } }),
        Storage<string>("data_dir", ValueReaders.Text, (storage, value) => storage with { DataDir = value }),
        Storage("durability", Durability, (storage, value) => storage with { Durability = value }),
        Storage<bool>("accept_damaged_log", ValueReaders.Boolean, (storage, value) => storage with { AcceptDamagedLog = value }),
        Storage("ticks.ttl", Ttl, (storage, value) => storage with { Ticks = storage.Ticks with { Ttl = value } }),
        Storage<long>(
            "ticks.max_size_gb",
            ValueReaders.Gigabytes,
            (storage, value) => storage with { Ticks = storage.Ticks with { MaxSizeBytes = value } }),
        Storage("rollup.ttl", Ttl, (storage, value) => storage with { Rollup = storage.Rollup with { Ttl = value } }),
        Storage<long>(
            "rollup.max_size_gb",
            ValueReaders.Gigabytes,
            (storage, value) => storage with { Rollup = storage.Rollup with { MaxSizeBytes = value } }),
        new Setting<TimeSpan>(
            "ingest.idle_key_timeout",
            ValueReaders.Duration(TimeSpan.FromSeconds(1), TimeSpan.FromHours(24)),
            (all, value) => all with { Ingest = all.Ingest with { IdleKeyTimeout = value } }),
        new Setting<int>(
            "ingest.max_keys_in_memory",
            ValueReaders.SmallWhole(1_000, KeyInterner.MaxCapacity),
            (all, value) => all with { Ingest = all.Ingest with { MaxKeysInMemory = value } }),
        new Setting<TimeSpan>(
            "close.max_close_delay",
            ValueReaders.Duration(TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1)),
            (all, value) => all with { Close = all.Close with { MaxCloseDelay = value } }),
        Cluster<IPAddress>("address", ValueReaders.ReachableAddress, (cluster, value) => cluster with { Address = value }),
        Cluster("silo_port", Port, (cluster, value) => cluster with { SiloPort = value }),
        Cluster(
            "probe_timeout",
            ValueReaders.Duration(TimeSpan.FromMilliseconds(200), TimeSpan.FromMinutes(1)),
            (cluster, value) => cluster with { ProbeTimeout = value }),
        Cluster("missed_probes", ValueReaders.SmallWhole(2, 100), (cluster, value) => cluster with { MissedProbes = value }),
        Cluster(
            "heartbeat_timeout",
            ValueReaders.Duration(TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(10)),
            (cluster, value) => cluster with { HeartbeatTimeout = value }),
        new ListSetting(
            "kafka.brokers", ValueReaders.HostAndPort, (all, value) => all with { Kafka = all.Kafka with { Brokers = value } }),
        new ListSetting(
            "kafka.settings", ValueReaders.NameAndValue, (all, value) => all with { Kafka = all.Kafka with { Settings = value } })
            { IsSecret = true },
        Kafka("partitioner", Partitioning, (kafka, value) => kafka with { Partitioner = value }),
        Kafka<bool>("topics.create", ValueReaders.Boolean, (kafka, value) => kafka with { Topics = kafka.Topics with { Create = value } }),
        Kafka("topics.partitions", ValueReaders.SmallWhole(1, 10_000),
            (kafka, value) => kafka with { Topics = kafka.Topics with { Partitions = value } }),
        Kafka("topics.replication", ValueReaders.SmallWhole(0, 100),
            (kafka, value) => kafka with { Topics = kafka.Topics with { Replication = value } }),
        Kafka(
            "topics.retention",
            ValueReaders.Duration(TimeSpan.Zero, TimeSpan.FromDays(366)),
            (kafka, value) => kafka with { Topics = kafka.Topics with { Retention = value } }),
        Kafka("outbox_partitions", ValueReaders.SmallWhole(1, 64), (kafka, value) => kafka with { OutboxPartitions = value }),
        Kafka<long>("spool.max_size_gb", ValueReaders.Gigabytes, (kafka, value) => kafka with { SpoolMaxBytes = value }),
        Kafka("block.max_records", ValueReaders.SmallWhole(1, 100_000_000), (kafka, value) => kafka with { BlockMaxRecords = value }),
        Kafka(
            "drop.after",
            ValueReaders.Duration(TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1)),
            (kafka, value) => kafka with { DropAfter = value }),
        Telemetry<bool>("enabled", ValueReaders.Boolean, (telemetry, value) => telemetry with { Enabled = value }),
        Telemetry<string>("service_name", ValueReaders.Name, (telemetry, value) => telemetry with { ServiceName = value }),
        TelemetryKafka<bool>("enabled", ValueReaders.Boolean, (kafka, value) => kafka with { Enabled = value }),
        new ListSetting(
            "telemetry.kafka.brokers",
            ValueReaders.HostAndPort,
            (all, value) => all with { Telemetry = all.Telemetry with { Kafka = all.Telemetry.Kafka with { Brokers = value } } })
            { InertSection = "telemetry.kafka" },
        TelemetryKafka<string>("metrics_topic", ValueReaders.Topic, (kafka, value) => kafka with { MetricsTopic = value }),
        TelemetryKafka("encoding", ValueReaders.Word("proto", "json"), (kafka, value) => kafka with { Encoding = value }),
        Telemetry<bool>(
            "prometheus.enabled",
            ValueReaders.Boolean,
            (telemetry, value) => telemetry with { Prometheus = telemetry.Prometheus with { Enabled = value } }),
        Telemetry(
            "prometheus.port",
            Port,
            (telemetry, value) => telemetry with { Prometheus = telemetry.Prometheus with { Port = value } }),
        Telemetry<Uri>(
            "otlp.endpoint",
            ValueReaders.HttpUrl,
            (telemetry, value) => telemetry with { Otlp = telemetry.Otlp with { Endpoint = value } }),
        Telemetry("otlp.protocol", Protocol, (telemetry, value) => telemetry with { Otlp = telemetry.Otlp with { Protocol = value } }),
        new Setting<string>("specs_dir", ValueReaders.Text, (all, value) => all with { SpecsDir = value }),
    ];

    /// <summary>The keys as a file has them.</summary>
    public static readonly YamlShape Shape = YamlShape.Of(All.Select(setting => setting.IsList ? setting.Path + "[]" : setting.Path));

    private static Setting<T> Server<T>(string key, ValueReader<T> reader, Func<ServerSettings, T, ServerSettings> set) =>
        new("server." + key, reader, (all, value) => all with { Server = set(all.Server, value) });

    private static Setting<T> Storage<T>(string key, ValueReader<T> reader, Func<StorageSettings, T, StorageSettings> set) =>
        new("storage." + key, reader, (all, value) => all with { Storage = set(all.Storage, value) });

    private static Setting<T> Cluster<T>(string key, ValueReader<T> reader, Func<ClusterSettings, T, ClusterSettings> set) =>
        new("cluster." + key, reader, (all, value) => all with { Cluster = set(all.Cluster, value) });

    private static Setting<T> Kafka<T>(string key, ValueReader<T> reader, Func<KafkaSettings, T, KafkaSettings> set) =>
        new("kafka." + key, reader, (all, value) => all with { Kafka = set(all.Kafka, value) });

    private static Setting<T> Telemetry<T>(string key, ValueReader<T> reader, Func<TelemetrySettings, T, TelemetrySettings> set) =>
        new("telemetry." + key, reader, (all, value) => all with { Telemetry = set(all.Telemetry, value) });

    private static Setting<T> TelemetryKafka<T>(
        string key, ValueReader<T> reader, Func<TelemetryKafkaSettings, T, TelemetryKafkaSettings> set) =>
        Telemetry("kafka." + key, reader, (telemetry, value) => telemetry with { Kafka = set(telemetry.Kafka, value) })
            with
        { InertSection = "telemetry.kafka" };
}
