using System.Net;
using Orleans.Configuration;
using Tikr.Core.Configuration;
using Tikr.Gateway.Http;
using Tikr.Orleans.Postgres;
using Tikr.Silo.Health;
using Tikr.Storage.RocksDb;
using Tikr.Storage.Timescale;

namespace Tikr.Silo.Hosting;

/// <summary>What the choice of a store decides: where ticks and bars go, and how the silo finds others.</summary>
internal static class StoreComposition
{
    /// <summary>Grains of other silos, or of this one, whose address is remembered.</summary>
    private const int KnownAddresses = 65_536;

    /// <summary>Adds the store that the configuration names.</summary>
    public static IServiceCollection AddTikrStore(this IServiceCollection services, StorageSettings storage) => storage.Backend switch
    {
        StorageBackend.Timescale => services.AddTikrTimescale(store => Apply(storage, store)),
        _ => services.AddTikrRocksDb(store => Apply(storage, store)),
    };

    /// <summary>A cluster of one: in memory beside the embedded store, in the database with that store.</summary>
    public static ISiloBuilder UseTikrCluster(this ISiloBuilder silo, TikrConfiguration configuration)
    {
        var shared = configuration.Storage.Backend == StorageBackend.Timescale;
        // In memory no one minds a new port, and so several nodes can share a machine.
        var port = shared && configuration.Cluster.SiloPort > 0 ? configuration.Cluster.SiloPort : FreePort.Take();
        if (shared) silo.UseSharedDatabase(configuration);
        else silo.UseDevelopmentClustering(new IPEndPoint(IPAddress.Loopback, port));
        silo.Configure<EndpointOptions>(endpoints =>
        {
            endpoints.AdvertisedIPAddress = shared ? configuration.Cluster.Address : IPAddress.Loopback;
            endpoints.SiloPort = port;
            endpoints.GatewayPort = 0;
        });
        // Every key that ever was would stay in it, up to a million: nothing takes a deactivated grain out.
        silo.Configure<GrainDirectoryOptions>(directory => directory.CacheSize = KnownAddresses);
        silo.Configure<ClusterOptions>(cluster => (cluster.ClusterId, cluster.ServiceId) = ("tikr", "tikr"));
        return silo;
    }

    private static void UseSharedDatabase(this ISiloBuilder silo, TikrConfiguration configuration)
    {
        var cluster = configuration.Cluster;
        silo.Services.AddSingleton<IReadinessSource, StartReadiness>();
        silo.Services.AddSingleton<IFatalErrorHandler, SiloFailure>();
        silo.UseTikrPostgres(
            configuration.Storage.Timescale.ConnectionString, database => database.HeartbeatTimeout = cluster.HeartbeatTimeout);
        silo.Configure<ClusterMembershipOptions>(membership =>
        {
            // At a steady pace: one that follows how fast answers come would make the time to detect a death depend on the load before it.
            (membership.ProbeTimeout, membership.MinProbeTimeout, membership.MaxProbeTimeout) =
                (cluster.ProbeTimeout, cluster.ProbeTimeout, cluster.ProbeTimeout);
            membership.NumMissedProbesLimit = cluster.MissedProbes;
            // What gossip loses is read from the table.
            membership.TableRefreshTimeout = cluster.HeartbeatTimeout;
        });
    }

    private static void Apply(StorageSettings from, TimescaleStoreOptions to)
    {
        to.ConnectionString = from.Timescale.ConnectionString;
        to.CompressBars = from.Timescale.CompressBars;
        to.SynchronousCommit = from.Durability != StorageDurability.None;
        (to.TicksTtl, to.TicksMaxBytes) = (from.Ticks.Ttl, from.Ticks.MaxSizeBytes);
        (to.BarsTtl, to.BarsMaxBytes) = (from.Rollup.Ttl, from.Rollup.MaxSizeBytes);
    }

    private static void Apply(StorageSettings from, RocksDbStoreOptions to)
    {
        to.DataDir = from.DataDir;
        to.Durability = from.Durability == StorageDurability.Disk ? StoreDurability.Disk : StoreDurability.Os;
        to.AcceptDamagedLog = from.AcceptDamagedLog;
        (to.TicksTtl, to.TicksMaxBytes) = (from.Ticks.Ttl, from.Ticks.MaxSizeBytes);
        (to.BarsTtl, to.BarsMaxBytes) = (from.Rollup.Ttl, from.Rollup.MaxSizeBytes);
    }
}
