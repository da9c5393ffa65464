using System.Net;
using Tikr.Core.Configuration;
using Tikr.Core.Specs;
using Tikr.Core.Time;
using Tikr.Gateway.Grpc;
using Tikr.Gateway.Hosting;
using Tikr.Storage;
using Tikr.Storage.Timescale;

namespace Tikr.Silo.Hosting;

/// <summary>What the server says about its start.</summary>
internal static class StartReport
{
    /// <summary>Writes every notice and every error; false if there is an error, and the server must not start.</summary>
    public static bool Accepts(TikrSetup setup, TextWriter error)
    {
        foreach (var notice in setup.Notices)
            error.WriteLine($"{(notice.Severity == NoticeSeverity.Warning ? "warning" : "notice")}: {notice}");
        foreach (var problem in setup.Errors) error.WriteLine($"error: {problem}");
        if (setup.Configuration is not null) return MayStart(setup.Configuration, error);
        error.WriteLine($"tikr does not start: {setup.Errors.Length} error{(setup.Errors.Length == 1 ? "" : "s")} in its configuration.");
        return false;
    }

    private static bool MayStart(TikrConfiguration configuration, TextWriter error)
    {
        if (OpenFiles.ProblemOf(OpenFiles.Limit) is { } problem)
        {
            error.WriteLine($"tikr does not start: {problem}");
            return false;
        }

        return CanConnect(configuration, error) && PortsAreFree(configuration, error);
    }

    /// <summary>What of a connection string only its driver can tell; a silo is composed with it before options are checked.</summary>
    private static bool CanConnect(TikrConfiguration configuration, TextWriter error)
    {
        var storage = configuration.Storage;
        if (storage.Backend != StorageBackend.Timescale) return true;
        if (TimescaleConnection.ProblemOf(storage.Timescale.ConnectionString) is not { } problem) return true;
        error.WriteLine($"error: storage.timescale.connection_string (TIKR_STORAGE_TIMESCALE_CONNECTION_STRING): {problem}");
        error.WriteLine("tikr does not start: 1 error in its configuration.");
        return false;
    }

    /// <summary>Looks before anything is started, so that every port that is taken is named at once.</summary>
    private static bool PortsAreFree(TikrConfiguration configuration, TextWriter error)
    {
        var server = configuration.Server;
        List<(string Key, int Port, IPAddress Address, string AddressKey)> ports =
            [("server.grpc_port", server.GrpcPort, server.Bind, "server.bind"),
                ("server.http_port", server.HttpPort, server.Bind, "server.bind")];
        if (configuration.Telemetry is { Enabled: true, Prometheus: { Enabled: true, Port: var metrics } })
            ports.Add(("telemetry.prometheus.port", metrics, server.Bind, "server.bind"));
        if (configuration.Storage.Backend == StorageBackend.Timescale)
            ports.Add(("cluster.silo_port", configuration.Cluster.SiloPort, configuration.Cluster.Address, "cluster.address"));
        var taken = ports.FindAll(port => port.Port != 0 && !FreePort.IsFree(port.Address, port.Port));
        foreach (var (key, port, address, addressKey) in taken)
            error.WriteLine($"error: {key} = {port}: {address}:{port} cannot be listened on. "
                + $"Stop what listens there, choose another port, or check {addressKey}.");
        if (taken.Count > 0) error.WriteLine("tikr does not start.");
        return taken.Count == 0;
    }

    /// <summary>Writes the banner once the server is ready.</summary>
    public static void PrintBanner(this WebApplication app, TikrSetup setup) =>
        app.Lifetime.ApplicationStarted.Register(() => Console.Out.Write(Banner(setup, app.Services.GetRequiredService<TikrListeners>())));

    private static string Banner(TikrSetup setup, TikrListeners listeners)
    {
        var configuration = setup.Configuration!;
        var (bind, storage) = (configuration.Server.Bind, configuration.Storage);
        var metrics = listeners.MetricsPort == 0 ? "" : $"  metrics http://{bind}:{listeners.MetricsPort}/metrics";
        var place = storage.Backend == StorageBackend.Timescale ? storage.Timescale.Place : storage.DataDir;
        var store = $"{place}, durability {Word(storage.Durability)}, ticks {Duration(storage.Ticks)}, bars {Duration(storage.Rollup)}";
        return $"""
            tikr {TikrVersion.Text}
            {string.Concat(setup.Specs.Select(SeriesLine))}  store: {store}
              gRPC {bind}:{listeners.GrpcPort}  health http://{bind}:{listeners.HttpPort}/readyz{metrics}
              ready

            """;
    }

    private static string SeriesLine(SeriesSpec spec) =>
        $"  series: {spec.Series} (rollup: {spec.RollupText}, metrics: {spec.Metrics.Length}, dimensions: {spec.Dimensions.Length})\n";

    private static string Word(StorageDurability durability) => durability switch
    {
        StorageDurability.Disk => "disk",
        StorageDurability.None => "none",
        _ => "os",
    };

    private static string Duration(TierSettings tier) => GoDuration.Format(tier.Ttl.ToNanoseconds());
}
