using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Tikr.Publishing.Kafka;
using Tikr.Publishing.Metrics;
using Tikr.Storage;

namespace Tikr.Publishing.Hosting;

/// <summary>Registers the output to Kafka.</summary>
public static class TikrKafkaOutputExtensions
{
    /// <summary>
    /// Publishes bars and late ticks of the series whose specs name topics. Needs a store; call it before the silo is added, so that it
    /// stops after it. May be called more than once; the settings add up.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Changes the settings.</param>
    public static IServiceCollection AddTikrKafkaOutput(this IServiceCollection services, Action<KafkaOutputOptions> configure)
    {
        services.AddOptions<KafkaOutputOptions>().Configure(configure).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<KafkaOutputOptions>, KafkaOutputOptionsValidator>());
        services.AddMetrics();
        services.TryAddSingleton(provider => provider.GetRequiredService<IOptions<KafkaOutputOptions>>().Value);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<SeriesDirectory>();
        services.TryAddSingleton<DimensionDirectory>();
        services.TryAddSingleton<OutputMetrics>();
        services.TryAddSingleton(provider => StatusOf(
            provider.GetRequiredService<OutputMetrics>(), provider.GetRequiredService<TimeProvider>(), LoggerOf(provider)));
        services.TryAddSingleton(provider => new KafkaClients(
            provider.GetRequiredService<KafkaOutputOptions>(), provider.GetRequiredService<IMeterFactory>(),
                provider.GetRequiredService<TimeProvider>(), LoggerOf(provider)));
        services.TryAddSingleton(provider => new TopicKeeper(
            provider.GetRequiredService<KafkaOutputOptions>(), provider.GetRequiredService<KafkaClients>(),
                provider.GetRequiredService<TimeProvider>(), LoggerOf(provider)));
        services.TryAddSingleton(provider => new OutboxLayout(provider.GetRequiredService<KafkaOutputOptions>().OutboxPartitions));
        services.TryAddSingleton<OutputRunner>();
        services.TryAddSingleton<IngestHold>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IBarListener, OutputListener>());
        services.TryAddSingleton<LeaseKeeper>();
        services.TryAddSingleton<OutputStatus>();
        services.TryAddSingleton<IOutputState>(provider => provider.GetRequiredService<OutputStatus>());
        services.AddHostedService<OutputService>();
        return services;
    }

    private static SenderStatus StatusOf(OutputMetrics metrics, TimeProvider time, ILogger logger) =>
        new(metrics, new DropLog(metrics, time, logger), new TopicLog(logger));

    private static ILogger LoggerOf(IServiceProvider provider) =>
        provider.GetRequiredService<ILoggerFactory>().CreateLogger("Tikr.Publishing");
}
