using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Npgsql;
using Orleans.Configuration;
using Tikr.Orleans.Postgres.Membership;

namespace Tikr.Orleans.Postgres;

/// <summary>Runs a silo on PostgreSQL.</summary>
public static class TikrPostgresExtensions
{
    /// <summary>The storage that stream subscriptions are kept in.</summary>
    public const string PubSubStore = "PubSubStore";

    private const string Provider = "Npgsql";

    /// <summary>
    /// Clustering, default grain storage and <see cref="PubSubStore"/> in one database, whose tables are set up before the silo
    /// joins. Cluster and service id, and the silo's endpoints, are the caller's.
    /// </summary>
    /// <param name="silo">The silo.</param>
    /// <param name="connectionString">Where the database is, as Npgsql reads it.</param>
    /// <param name="configure">Changes options.</param>
    public static ISiloBuilder UseTikrPostgres(
        this ISiloBuilder silo, string connectionString, Action<TikrPostgresOptions>? configure = null)
    {
        var options = new TikrPostgresOptions { ConnectionString = connectionString };
        configure?.Invoke(options);
        var at = PoolOf(options);
        silo.Services.AddSingleton<OrleansStart>();
        silo.Services.TryAddSingleton(TimeProvider.System);
        silo.Services.AddSingleton(services => ActivatorUtilities.CreateInstance<Heartbeats>(services, options));
        silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(services => services.GetRequiredService<Heartbeats>());
        silo.Services.AddHostedService(services => ActivatorUtilities.CreateInstance<OrleansDatabaseSetUp>(services, options, at));
        return silo
            .UseAdoNetClustering(clustering => (clustering.Invariant, clustering.ConnectionString) = (Provider, at.ConnectionString))
            .AddAdoNetGrainStorageAsDefault(storage => Apply(at, storage))
            .AddAdoNetGrainStorage(PubSubStore, storage => Apply(at, storage));
    }

    // All providers name the same pool.
    private static NpgsqlConnectionStringBuilder PoolOf(TikrPostgresOptions options)
    {
        var at = new NpgsqlConnectionStringBuilder(options.ConnectionString) { MaxPoolSize = options.MaxConnections };
        at.MinPoolSize = Math.Min(at.MinPoolSize, at.MaxPoolSize);
        at.ApplicationName ??= "tikr-orleans";
        return at;
    }

    private static void Apply(NpgsqlConnectionStringBuilder at, AdoNetGrainStorageOptions to)
    {
        (to.Invariant, to.ConnectionString) = (Provider, at.ConnectionString);
        // Cleared state would stay as an empty row for each grain that ever was.
        to.DeleteStateOnClear = true;
    }
}
