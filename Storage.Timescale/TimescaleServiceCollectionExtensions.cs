using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Tikr.Storage.Reaping;
using Tikr.Storage.Timescale.Retention;

namespace Tikr.Storage.Timescale;

/// <summary>Registers the store on PostgreSQL with TimescaleDB.</summary>
public static class TimescaleServiceCollectionExtensions
{
    /// <summary>Adds the store with its housekeeping. May be called more than once; the settings add up.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Changes the settings.</param>
    public static IServiceCollection AddTikrTimescale(this IServiceCollection services, Action<TimescaleStoreOptions> configure)
    {
        services.AddOptions<TimescaleStoreOptions>().Configure(configure).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<TimescaleStoreOptions>, TimescaleStoreOptionsValidator>());
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => new TimescaleStore(
            provider.GetRequiredService<IOptions<TimescaleStoreOptions>>().Value,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILoggerFactory>().CreateLogger("Tikr.Storage.Timescale"),
            provider.GetService<ResidentKeys>()));
        services.TryAddSingleton(provider => provider.GetRequiredService<TimescaleStore>().Catalog);
        services.TryAddSingleton(provider => provider.GetRequiredService<TimescaleStore>().Rebuilds);
        services.TryAddSingleton<IKeyStore>(provider => provider.GetRequiredService<TimescaleStore>().Keys);
        services.TryAddSingleton(provider => provider.GetRequiredService<TimescaleStore>().Ticks);
        services.TryAddSingleton(provider => provider.GetRequiredService<TimescaleStore>().Incarnations);
        services.TryAddSingleton(provider => provider.GetRequiredService<TimescaleStore>().Bars);
        services.TryAddSingleton(provider => provider.GetRequiredService<TimescaleStore>().Outbox);
        services.TryAddSingleton<IStoreHealth>(provider => provider.GetRequiredService<TimescaleStore>().Database);
        services.TryAddSingleton(provider => provider.GetRequiredService<TimescaleStore>().Reaper);
        services.TryAddSingleton<IReapable>(provider => provider.GetRequiredService<TimescaleStore>().Reaper);
        services.TryAddSingleton(provider => provider.GetRequiredService<TimescaleStore>().Statistics);
        // Which of the two has something to do is known once the catalog is open: the reaper, or upkeep beside the database's own policies.
        services.AddHostedService<ReaperService>();
        services.AddHostedService<TimescaleUpkeep>();
        return services;
    }
}
