using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Tikr.Streaming.Kafka.Provider;

namespace Tikr.Streaming.Kafka.Hosting;

/// <summary>What silos and clients register alike.</summary>
internal static class KafkaStreamServices
{
    public static IServiceCollection AddKafkaStreamCore(this IServiceCollection services, string name)
    {
        services.AddOptions<KafkaStreamOptions>(name);
        services.ConfigureNamedOptionForLogging<KafkaStreamOptions>(name);
        services.TryAddKeyedSingleton(name, (provider, _) => new KafkaStreamResources(provider, name));
        return services.AddTransient<IConfigurationValidator>(provider =>
            new KafkaStreamOptionsValidator(provider.GetRequiredService<IOptionsMonitor<KafkaStreamOptions>>().Get(name), name));
    }
}
