using System.Collections.Immutable;
using System.Net;
using Orleans.Configuration;
using Tikr.Core.Configuration;
using Tikr.Core.Rollup;
using Tikr.Core.Specs;
using Tikr.Gateway.Hosting;
using Tikr.Gateway.Ingest;
using Tikr.Grains;
using Tikr.Storage.RocksDb;
using GatewayOptions = Tikr.Gateway.Hosting.GatewayOptions;

namespace Tikr.Silo.Hosting;

/// <summary>Composes one node: a silo of its own, the embedded store, grains and gateway.</summary>
internal static class TikrSiloComposition
{
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Adds everything that a node consists of.</summary>
    public static WebApplicationBuilder AddTikrSilo(this WebApplicationBuilder builder, TikrConfiguration configuration, ImmutableArray<SeriesSpec> specs)
    {
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = StopTimeout);
        builder.Services.AddSingleton<IReadOnlyList<SeriesPlan>>([.. specs.Select(spec => new SeriesPlan(spec))]);
        builder.Services.AddTikrRocksDb(store => Apply(configuration.Storage, store));
        // The silo starts before the gateway that delivers to its grains, and stops after it.
        builder.UseOrleans(silo => silo
            .UseSingleSilo()
            .AddTikrGrains(grains => Apply(configuration, grains)));
        builder.Services.AddTikrGateway(gateway => Apply(configuration, gateway));
        builder.Services.Configure<IngestOptions>(ingest => Apply(configuration, ingest));
        return builder;
    }

    /// <summary>A cluster of one, in memory and on loopback; its port is whichever is free, so that several nodes can share a machine.</summary>
    private static ISiloBuilder UseSingleSilo(this ISiloBuilder silo)
    {
        var port = FreePort.Take();
        silo.UseDevelopmentClustering(new IPEndPoint(IPAddress.Loopback, port));
        silo.Configure<EndpointOptions>(endpoints =>
        {
            endpoints.AdvertisedIPAddress = IPAddress.Loopback;
            endpoints.SiloPort = port;
            endpoints.GatewayPort = 0;
        });
        silo.Configure<ClusterOptions>(cluster => (cluster.ClusterId, cluster.ServiceId) = ("tikr", "tikr"));
        return silo;
    }

    private static void Apply(StorageSettings from, RocksDbStoreOptions to)
    {
        to.DataDir = from.DataDir;
        to.Durability = from.Durability == StorageDurability.Disk ? StoreDurability.Disk : StoreDurability.Os;
        (to.TicksTtl, to.TicksMaxBytes) = (from.Ticks.Ttl, from.Ticks.MaxSizeBytes);
        (to.BarsTtl, to.BarsMaxBytes) = (from.Rollup.Ttl, from.Rollup.MaxSizeBytes);
    }

    private static void Apply(TikrConfiguration from, GatewayOptions to)
    {
        var prometheus = from.Telemetry is { Enabled: true, Prometheus.Enabled: true };
        (to.Bind, to.GrpcPort, to.HttpPort) = (from.Server.Bind, from.Server.GrpcPort, from.Server.HttpPort);
        (to.MetricsPort, to.ServiceName) = (prometheus ? from.Telemetry.Prometheus.Port : null, from.Telemetry.ServiceName);
    }

    private static void Apply(TikrConfiguration from, TikrGrainOptions to)
    {
        to.MaxCloseDelay = from.Close.MaxCloseDelay;
        if (from.Ingest.IdleKeyTimeout < to.IdleTimeout) to.IdleTimeout = from.Ingest.IdleKeyTimeout;
    }

    private static void Apply(TikrConfiguration from, IngestOptions to)
    {
        to.TicksTtl = from.Storage.Ticks.Ttl;
        to.IdleKeyTimeout = from.Ingest.IdleKeyTimeout;
        to.MaxInternedKeys = from.Ingest.MaxKeysInMemory;
    }
}
