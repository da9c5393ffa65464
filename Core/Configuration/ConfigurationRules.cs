namespace Tikr.Core.Configuration;

/// <summary>The rules between keys, checked when all of them are read.</summary>
internal static class ConfigurationRules
{
    public static void Check(TikrConfiguration configuration, IReadOnlyDictionary<string, Located> origins, Problems problems)
    {
        if (origins.TryGetValue("storage.backend", out var backend) && backend.Text == "pebble")
            problems.Tell(NoticeSeverity.Warning, backend, ConfigMessages.BackendPebble);
        if (configuration.Storage.Durability == StorageDurability.None)
            problems.Refuse(origins["storage.durability"], ConfigMessages.DurabilityNone);
        CheckPorts(configuration, origins, problems);
    }

    private static void CheckPorts(TikrConfiguration configuration, IReadOnlyDictionary<string, Located> origins, Problems problems)
    {
        var metrics = configuration.Telemetry is { Enabled: true, Prometheus.Enabled: true } ? configuration.Telemetry.Prometheus.Port : 0;
        (string Path, int Port)[] ports =
            [("server.grpc_port", configuration.Server.GrpcPort), ("server.http_port", configuration.Server.HttpPort), ("telemetry.prometheus.port", metrics)];
        foreach (var (left, right) in from i in ports from j in ports where string.CompareOrdinal(i.Path, j.Path) < 0 && i.Port == j.Port && i.Port != 0 select (i, j))
        {
            // At least one of the two was set: the defaults differ. The report stands at one that was.
            var (at, other) = origins.TryGetValue(right.Path, out var origin) ? (origin, left.Path) : (origins[left.Path], right.Path);
            problems.Refuse(at, ConfigMessages.PortTaken(other));
        }
    }
}
