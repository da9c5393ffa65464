using System.Net;
using Tikr.Core.Configuration;
using Tikr.Core.Specs;
using Tikr.Silo.Hosting;

namespace Tikr.Silo.Demo;

/// <summary>What a demo runs with: the market series, loopback, a folder of its own.</summary>
internal static class DemoSetup
{
    public const string Series = "market_ticks";

    /// <summary>Takes ports from the configuration, or the default ones; a port that is taken is replaced by a free one.</summary>
    public static TikrSetup Load(string? configFile, DemoFolder folder)
    {
        var given = TikrSetup.Load(configFile, SiloEnvironment.Read());
        var specs = SpecParser.Parse([new SpecFile("market_ticks.yaml", SpecText())]);
        // Only the configuration file matters here: a demo needs no specs folder.
        var configuration = given.Configuration ?? (configFile is null ? new TikrConfiguration() : null);
        if (configuration is null) return given;
        return new TikrSetup(Adapted(configuration, folder), specs.Specs, specs.Errors, []);
    }

    private static TikrConfiguration Adapted(TikrConfiguration configuration, DemoFolder folder) => configuration with
    {
        Server = new ServerSettings
        {
            Bind = IPAddress.Loopback,
            GrpcPort = FreeOrAny(configuration.Server.GrpcPort),
            HttpPort = FreeOrAny(configuration.Server.HttpPort)
        },
        Storage = configuration.Storage with { Backend = StorageBackend.RocksDb, DataDir = folder.Path },
        Kafka = new KafkaSettings(),
        Telemetry = configuration.Telemetry with
        {
            Prometheus = configuration.Telemetry.Prometheus with { Port = FreeOrAny(configuration.Telemetry.Prometheus.Port) },
        },
    };

    private static int FreeOrAny(int port) => FreePort.IsFree(IPAddress.Loopback, port) ? port : 0;

    private static string SpecText()
    {
        using var stream = typeof(DemoSetup).Assembly.GetManifestResourceStream("demo/market_ticks.yaml")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
