using System.Collections.Immutable;
using OpenTelemetry.Exporter;
using Tikr.Core.Configuration;
using Tikr.Core.Memory;
using Tikr.Core.Rollup;
using Tikr.Core.Specs;
using Tikr.Gateway.Hosting;
using Tikr.Gateway.Ingest;
using Tikr.Grains;
using Tikr.Silo.Health;
using GatewayOptions = Tikr.Gateway.Hosting.GatewayOptions;

namespace Tikr.Silo.Hosting;

/// <summary>Composes one node: a silo, its store, grains and gateway.</summary>
internal static class TikrSiloComposition
{
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Adds everything that a node consists of.</summary>
    public static WebApplicationBuilder AddTikrSilo(
        this WebApplicationBuilder builder, TikrConfiguration configuration, ImmutableArray<SeriesSpec> specs)
    {
        builder.Services.AddEarlyHealth();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = StopTimeout);
        builder.Services.AddSingleton<IReadOnlyList<SeriesModel>>([.. specs.Select(spec => new SeriesModel(spec))]);
        builder.Services.AddTikrStore(configuration.Storage);
        builder.Services.AddTikrOutput(configuration);
        // The silo starts before the gateway that delivers to its grains, and stops after it.
        builder.UseOrleans(silo => silo
            .UseTikrCluster(configuration)
            .AddTikrGrains(grains => Apply(configuration, grains)));
        builder.Services.AddTikrGateway(gateway => Apply(configuration, gateway))
            .TuneKestrelForTikr(kestrel => kestrel.MaxStreamsPerConnection = configuration.Server.MaxStreamsPerConnection);
        builder.Services.Configure<IngestOptions>(ingest => Apply(configuration, ingest));
        return builder;
    }

    private static void Apply(TikrConfiguration from, GatewayOptions to)
    {
        var prometheus = from.Telemetry is { Enabled: true, Prometheus.Enabled: true };
        (to.Bind, to.GrpcPort, to.HttpPort) = (from.Server.Bind, from.Server.GrpcPort, from.Server.HttpPort);
        // More than there is protects nobody.
        var available = MemoryBudget.AvailableBytes;
        (to.MemoryBytes, to.MaxConnections) =
            (Math.Min(from.Server.MemoryBytes ?? available / 4 * 3, available), from.Server.MaxConnections);
        (to.MetricsPort, to.ServiceName) = (prometheus ? from.Telemetry.Prometheus.Port : null, from.Telemetry.ServiceName);
        to.OtlpEndpoint = from.Telemetry.Enabled ? from.Telemetry.Otlp.Endpoint : null;
        to.OtlpProtocol = from.Telemetry.Otlp.Protocol == OtlpProtocol.Grpc ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;
    }

    private static void Apply(TikrConfiguration from, TikrGrainOptions to)
    {
        to.MaxCloseDelay = from.Close.MaxCloseDelay;
        if (from.Ingest.IdleKeyTimeout < to.IdleTimeout) to.IdleTimeout = from.Ingest.IdleKeyTimeout;
    }

    private static void Apply(TikrConfiguration from, IngestOptions to)
    {
        to.IdleKeyTimeout = from.Ingest.IdleKeyTimeout;
        to.MaxInternedKeys = from.Ingest.MaxKeysInMemory;
        to.ReturnsMemory = true;
    }
}
