using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Tikr.Core.Delivery;
using Tikr.Grains;
using Tikr.Grains.Activations;
using Tikr.Grains.Cluster;
using Tikr.Grains.Hosting;
using Tikr.Grains.Metrics;
using Tikr.Grains.Rebuilding;
using Tikr.Grains.Recompute;
using Tikr.Grains.Recovery;
using Tikr.Grains.Writing;
using Tikr.Storage;
using Tikr.Storage.Reaping;

namespace Orleans.Hosting;

/// <summary>Adds Tikr's grains to a silo.</summary>
public static class TikrGrainsHostingExtensions
{
    /// <summary>
    /// Series grains, the delivery of partials to them, bar writing, recompute and recovery. Needs a store (<see cref="ITickStore"/>,
    /// <see cref="IBarStore"/>) in the same container; every <see cref="IBarListener"/> in it is told of stored bars. May be called more
    /// than once.
    /// </summary>
    public static ISiloBuilder AddTikrGrains(this ISiloBuilder silo, Action<TikrGrainOptions>? configure = null)
    {
        var services = silo.Services;
        services.AddMetrics();
        services.AddOptions<TikrGrainOptions>().ValidateOnStart();
        if (configure is not null) services.Configure(configure);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<TikrGrainOptions>, TikrGrainOptionsValidator>());
        services.TryAddSingleton(provider => provider.GetRequiredService<IOptions<TikrGrainOptions>>().Value);
        services.TryAddSingleton(provider => new CloseDelay(provider.GetRequiredService<TikrGrainOptions>().MaxCloseDelay));
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<SeriesDirectory>();
        services.TryAddSingleton<GrainMetrics>();
        services.TryAddSingleton<RepeatReport>();
        services.TryAddSingleton<OverflowReport>();
        services.TryAddSingleton<LiveGateways>();
        services.TryAddSingleton<ActivationRegistry>();
        services.TryAddSingleton<BarListeners>();
        services.TryAddSingleton<BarWriter>();
        services.TryAddSingleton<RecomputeService>();
        services.TryAddSingleton<CloseSweep>();
        services.TryAddSingleton<IdleKeys>();
        services.TryAddSingleton<ExchangeClient>();
        services.TryAddSingleton<SiloLinks>();
        services.TryAddSingleton<ClusterView>();
        services.TryAddSingleton<ClusterWatch>();
        services.TryAddSingleton<ICluster>(provider => provider.GetRequiredService<ClusterWatch>());
        services.TryAddSingleton<ForeignActivations>();
        services.TryAddSingleton<SealedPairs>();
        services.TryAddSingleton<ExchangeReceiver>();
        services.TryAddSingleton<IOpenBars, OpenBarReader>();
        services.TryAddSingleton<SeriesServices>();
        services.TryAddSingleton<PairCloser>();
        services.TryAddSingleton<RecoveryGate>();
        services.TryAddSingleton<RebuildService>();
        services.TryAddSingleton<IPartialRouter, PartialRouter>();
        services.TryAddSingleton<RecoveryService>();
        services.TryAddSingleton<IRecovery>(provider => provider.GetRequiredService<RecoveryService>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ILifecycleParticipant<ISiloLifecycle>, LoneSilo>());
        if (services.Any(one => one.ServiceType == typeof(OwnerPlacementDirector))) return silo;
        services.AddSingleton<OwnerPlacementDirector>();
        silo.AddPlacementDirector<OwnerPlacement>(static provider => provider.GetRequiredService<OwnerPlacementDirector>());
        silo.AddGrainService<SiloExchange>();
        return silo;
    }
}
