using System.Collections.Immutable;
using System.Net;
using Tikr.Core.Dimensions;

namespace Tikr.Core.Configuration;

/// <summary>The main configuration, immutable and valid. A new one holds the defaults. docs/configuration.md describes every key.</summary>
public sealed record TikrConfiguration
{
    /// <summary>Ports and the address to listen on.</summary>
    public ServerSettings Server { get; init; } = new();

    /// <summary>Where ticks and bars are kept, and for how long.</summary>
    public StorageSettings Storage { get; init; } = new();

    /// <summary>Limits of taking in ticks.</summary>
    public IngestSettings Ingest { get; init; } = new();

    /// <summary>When bars close.</summary>
    public CloseSettings Close { get; init; } = new();

    /// <summary>How the silo is reached by others.</summary>
    public ClusterSettings Cluster { get; init; } = new();

    /// <summary>Where bars are published.</summary>
    public KafkaSettings Kafka { get; init; } = new();

    /// <summary>Metrics of the process itself.</summary>
    public TelemetrySettings Telemetry { get; init; } = new();

    /// <summary>Folder of the series specs, relative to the working directory.</summary>
    public string SpecsDir { get; init; } = "./specs";
}

/// <summary>Ports and the address to listen on.</summary>
public sealed record ServerSettings
{
    /// <summary>gRPC port; 0 lets the system choose.</summary>
    public int GrpcPort { get; init; } = 9876;

    /// <summary>Port of health, debug and dashboard; 0 lets the system choose.</summary>
    public int HttpPort { get; init; } = 9877;

    /// <summary>Most memory held on behalf of clients; null for three quarters of what the process may use. Bytes.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>Most connections at once, of each port.</summary>
    public int MaxConnections { get; init; } = 1024;

    /// <summary>Most calls that one connection may have open at once.</summary>
    public int MaxStreamsPerConnection { get; init; } = 1000;

    /// <summary>Address that all ports listen on: this machine only, unless said otherwise.</summary>
    public IPAddress Bind { get; init; } = IPAddress.Loopback;
}

/// <summary>Which store is used.</summary>
public enum StorageBackend
{
    /// <summary>The embedded store.</summary>
    RocksDb,

    /// <summary>PostgreSQL with TimescaleDB.</summary>
    Timescale,
}

/// <summary>What an acknowledged tick survives.</summary>
public enum StorageDurability
{
    /// <summary>The death of the process.</summary>
    Os,

    /// <summary>Power loss.</summary>
    Disk,

    /// <summary>Nothing; the timescale store only.</summary>
    None,
}

/// <summary>Where ticks and bars are kept, and for how long.</summary>
public sealed record StorageSettings
{
    /// <summary>The store.</summary>
    public StorageBackend Backend { get; init; } = StorageBackend.RocksDb;

    /// <summary>The database of the timescale store.</summary>
    public TimescaleSettings Timescale { get; init; } = new();

    /// <summary>Folder of the data of the rocksdb store, relative to the working directory.</summary>
    public string DataDir { get; init; } = "./data";

    /// <summary>What an acknowledged tick survives.</summary>
    public StorageDurability Durability { get; init; } = StorageDurability.Os;

    /// <summary>
    /// Whether the rocksdb store opens a write-ahead log with damage in its middle, giving up what is damaged. For one start.
    /// </summary>
    public bool AcceptDamagedLog { get; init; }

    /// <summary>Raw ticks: 6 h, 50 GB.</summary>
    public TierSettings Ticks { get; init; } = new(TimeSpan.FromHours(6), 50 * TierSettings.Gigabyte);

    /// <summary>Bars: 12 h, 5 GB.</summary>
    public TierSettings Rollup { get; init; } = new(TimeSpan.FromHours(12), 5 * TierSettings.Gigabyte);
}

/// <summary>How long and how much of one kind of data is kept.</summary>
/// <param name="Ttl">Life of the data, 1 h to 24 h.</param>
/// <param name="MaxSizeBytes">Most bytes on disk; the oldest data go first.</param>
public sealed record TierSettings(TimeSpan Ttl, long MaxSizeBytes)
{
    /// <summary>Bytes in one GB of max_size_gb: 1024^3, as upstream counts.</summary>
    public const long Gigabyte = 1L << 30;
}

/// <summary>Limits of taking in ticks.</summary>
public sealed record IngestSettings
{
    /// <summary>How long a key without ticks stays in memory.</summary>
    public TimeSpan IdleKeyTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Most keys of one series in memory at once; server.memory bounds those of all series together.</summary>
    public int MaxKeysInMemory { get; init; } = KeyInterner.MaxCapacity;
}

/// <summary>When bars close.</summary>
public sealed record CloseSettings
{
    /// <summary>How long a due bar waits for a gateway that lags before it closes without it.</summary>
    public TimeSpan MaxCloseDelay { get; init; } = TimeSpan.FromSeconds(2);
}

/// <summary>How the silo is reached by others; the timescale store only, for the other one runs alone.</summary>
public sealed record ClusterSettings
{
    /// <summary>Address of this machine at which the other silos reach it, and on which it listens for them.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>
    /// Port of the silo, the same after a restart: by it the others know that its predecessor is gone. 0 takes whichever is free.
    /// </summary>
    public int SiloPort { get; init; } = 11111;

    /// <summary>How long a silo waits for the answer to a probe of another, and how often it probes.</summary>
    public TimeSpan ProbeTimeout { get; init; } = TimeSpan.FromMilliseconds(1500);

    /// <summary>How many probes in a row a silo must miss to be suspected.</summary>
    public int MissedProbes { get; init; } = 4;

    /// <summary>How long a silo's heartbeat in the database may stand still before the others declare it dead.</summary>
    public TimeSpan HeartbeatTimeout { get; init; } = TimeSpan.FromSeconds(7);
}

/// <summary>Metrics of the process itself.</summary>
public sealed record TelemetrySettings
{
    /// <summary>Whether metrics are collected at all.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>service.name of the metrics.</summary>
    public string ServiceName { get; init; } = "tikr";

    /// <summary>Metrics to Kafka, read and without effect in this version.</summary>
    public TelemetryKafkaSettings Kafka { get; init; } = new();

    /// <summary>Metrics for Prometheus.</summary>
    public PrometheusSettings Prometheus { get; init; } = new();

    /// <summary>Metrics by OTLP.</summary>
    public OtlpSettings Otlp { get; init; } = new();
}

/// <summary>Metrics to Kafka, read and without effect in this version.</summary>
public sealed record TelemetryKafkaSettings
{
    /// <summary>Whether metrics go to Kafka.</summary>
    public bool Enabled { get; init; }

    /// <summary>Brokers as host:port.</summary>
    public ImmutableArray<string> Brokers { get; init; } = [];

    /// <summary>The topic.</summary>
    public string MetricsTopic { get; init; } = "tikr-otel-metrics";

    /// <summary>proto or json.</summary>
    public string Encoding { get; init; } = "proto";
}

/// <summary>Metrics for Prometheus.</summary>
public sealed record PrometheusSettings
{
    /// <summary>Whether /metrics is served.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Its port; 0 lets the system choose.</summary>
    public int Port { get; init; } = 9878;
}

/// <summary>Metrics by OTLP, to a collector for example.</summary>
public sealed record OtlpSettings
{
    /// <summary>URL they are sent to; null sends none.</summary>
    public Uri? Endpoint { get; init; }

    /// <summary>How they are sent.</summary>
    public OtlpProtocol Protocol { get; init; }
}

/// <summary>How OTLP is sent.</summary>
public enum OtlpProtocol
{
    /// <summary>By gRPC.</summary>
    Grpc,

    /// <summary>As protobuf over HTTP.</summary>
    HttpProtobuf,
}
