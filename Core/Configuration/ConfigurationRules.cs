namespace Tikr.Core.Configuration;

/// <summary>The rules between keys, checked when all of them are read.</summary>
internal static class ConfigurationRules
{
    private const string Connection = "storage.timescale.connection_string", CompressBars = "storage.timescale.compress_bars";

    private const string SiloPort = "cluster.silo_port";

    public static void Check(TikrConfiguration configuration, IReadOnlyDictionary<string, Located> origins, Problems problems)
    {
        if (origins.TryGetValue("storage.backend", out var backend) && backend.Text == "pebble")
            problems.Tell(NoticeSeverity.Warning, backend, ConfigMessages.BackendPebble);
        if (configuration.Storage is { Durability: StorageDurability.None, Backend: StorageBackend.RocksDb })
            problems.Reject(origins["storage.durability"], ConfigMessages.DurabilityNone);
        CheckStore(configuration.Storage, origins, problems);
        CheckPorts(configuration, origins, problems);
        if (origins.ContainsKey("kafka.brokers")) return;
        foreach (var (_, at) in origins.Where(origin => origin.Key.StartsWith("kafka.", StringComparison.Ordinal))
            .OrderBy(origin => origin.Key, StringComparer.Ordinal))
            problems.Tell(NoticeSeverity.Notice, at, ConfigMessages.OnlyWithBrokers);
    }

    private static void CheckStore(StorageSettings storage, IReadOnlyDictionary<string, Located> origins, Problems problems)
    {
        // One that was refused is not missing.
        if (storage.Backend == StorageBackend.Timescale && !origins.ContainsKey(Connection))
            problems.Reject(origins["storage.backend"], ConfigMessages.TimescaleWithoutConnection);
        var isShared = storage.Backend == StorageBackend.Timescale;
        var (inert, backend) = isShared
            ? (new[] { "storage.data_dir", "storage.accept_damaged_log" }, "rocksdb") : ([Connection, CompressBars], "timescale");
        foreach (var path in origins.Keys.Order(StringComparer.Ordinal))
        {
            if (inert.Contains(path) || (!isShared && path.StartsWith("cluster.", StringComparison.Ordinal)))
                problems.Tell(NoticeSeverity.Notice, origins[path], ConfigMessages.OnlyWith(backend));
        }
    }

    private static void CheckPorts(TikrConfiguration configuration, IReadOnlyDictionary<string, Located> origins, Problems problems)
    {
        var metrics = configuration.Telemetry is { Enabled: true, Prometheus.Enabled: true } ? configuration.Telemetry.Prometheus.Port : 0;
        (string Path, int Port)[] ports =
        [
            ("server.grpc_port", configuration.Server.GrpcPort),
            ("server.http_port", configuration.Server.HttpPort),
            ("telemetry.prometheus.port", metrics),
            (SiloPort, configuration.Storage.Backend == StorageBackend.Timescale ? configuration.Cluster.SiloPort : 0),
        ];
        for (var i = 0; i < ports.Length; i++)
        {
            for (var j = i + 1; j < ports.Length; j++)
            {
                if (ports[i].Port != ports[j].Port || ports[i].Port == 0) continue;
                // The defaults differ, so at least one of the two was set: the report stands at one that was.
                var (at, other) = origins.TryGetValue(ports[j].Path, out var origin)
                    ? (origin, ports[i].Path)
                    : (origins[ports[i].Path], ports[j].Path);
                problems.Reject(at, ConfigMessages.PortTaken(other));
            }
        }
    }
}
