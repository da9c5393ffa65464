using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Tikr.Storage.Reaping;

namespace Tikr.Storage.RocksDb;

/// <summary>Registers the embedded store.</summary>
public static class RocksDbServiceCollectionExtensions
{
    /// <summary>Adds the embedded store with its reaper. May be called more than once; the settings add up.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Changes the settings.</param>
    public static IServiceCollection AddTikrRocksDb(this IServiceCollection services, Action<RocksDbStoreOptions> configure)
    {
        services.AddOptions<RocksDbStoreOptions>().Configure(configure).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<RocksDbStoreOptions>, RocksDbStoreOptionsValidator>());
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => new RocksDbStore(
            provider.GetRequiredService<IOptions<RocksDbStoreOptions>>().Value,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILoggerFactory>().CreateLogger("Tikr.Storage.RocksDb"),
            provider.GetService<ResidentKeys>()));
        services.TryAddSingleton(new UnsharedStore("the embedded store (RocksDB)"));
        services.TryAddSingleton(provider => provider.GetRequiredService<RocksDbStore>().Catalog);
        services.TryAddSingleton(provider => provider.GetRequiredService<RocksDbStore>().Rebuilds);
        services.TryAddSingleton<IKeyStore>(provider => provider.GetRequiredService<RocksDbStore>().Keys);
        services.TryAddSingleton(provider => provider.GetRequiredService<RocksDbStore>().Ticks);
        services.TryAddSingleton(provider => provider.GetRequiredService<RocksDbStore>().Incarnations);
        services.TryAddSingleton(provider => provider.GetRequiredService<RocksDbStore>().Bars);
        services.TryAddSingleton(provider => provider.GetRequiredService<RocksDbStore>().Outbox);
        services.TryAddSingleton<IStoreHealth>(provider => provider.GetRequiredService<RocksDbStore>().Database.Health);
        services.TryAddSingleton<IReapable>(provider => provider.GetRequiredService<RocksDbStore>().Reaper);
        services.TryAddSingleton(provider => provider.GetRequiredService<RocksDbStore>().Statistics);
        services.AddHostedService<ReaperService>();
        return services;
    }
}
