using Microsoft.Extensions.DependencyInjection;
using Tikr.Streaming.Kafka.Mapping;
using Tikr.Streaming.Kafka.Provider;

namespace Tikr.Streaming.Kafka.Hosting;

/// <summary>Adds Orleans streams on Kafka topics.</summary>
public static class KafkaStreamExtensions
{
    /// <summary>Adds a stream provider on a topic.</summary>
    /// <param name="silo">The silo.</param>
    /// <param name="name">Name of the provider.</param>
    /// <param name="configure">Sets at least brokers and topic.</param>
    public static ISiloBuilder AddKafkaStreams(this ISiloBuilder silo, string name, Action<KafkaStreamOptions> configure) =>
        silo.AddKafkaStreams(name,
            (SiloKafkaStreamConfigurator configurator) => configurator.ConfigureKafka(options => options.Configure(configure)));

    /// <summary>Adds a stream provider on a topic, with everything that Orleans' persistent streams have to configure.</summary>
    /// <param name="silo">The silo.</param>
    /// <param name="name">Name of the provider.</param>
    /// <param name="configure">Configures it.</param>
    public static ISiloBuilder AddKafkaStreams(this ISiloBuilder silo, string name, Action<SiloKafkaStreamConfigurator> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        configure(new SiloKafkaStreamConfigurator(name, services => silo.ConfigureServices(services)));
        return silo;
    }

    /// <summary>Adds a stream provider on a topic of many keys that others write: one stream per partition.</summary>
    /// <param name="silo">The silo.</param>
    /// <param name="name">Name of the provider.</param>
    /// <param name="configure">Sets at least brokers and topic.</param>
    public static ISiloBuilder AddKafkaFeed(this ISiloBuilder silo, string name, Action<KafkaStreamOptions> configure) =>
        silo.AddKafkaStreams(name, (KafkaStreamOptions options) =>
        {
            options.Mapping = KafkaStreamMapping.PerPartition;
            configure(options);
        });

    /// <summary>Adds a stream provider on a topic to a client.</summary>
    /// <param name="client">The client.</param>
    /// <param name="name">Name of the provider.</param>
    /// <param name="configure">Sets at least brokers and topic.</param>
    public static IClientBuilder AddKafkaStreams(this IClientBuilder client, string name, Action<KafkaStreamOptions> configure) =>
        client.AddKafkaStreams(name,
            (ClientKafkaStreamConfigurator configurator) => configurator.ConfigureKafka(options => options.Configure(configure)));

    /// <summary>
    /// Adds a stream provider on a topic to a client, with everything that Orleans' persistent streams have to configure.
    /// </summary>
    /// <param name="client">The client.</param>
    /// <param name="name">Name of the provider.</param>
    /// <param name="configure">Configures it.</param>
    public static IClientBuilder AddKafkaStreams(this IClientBuilder client, string name, Action<ClientKafkaStreamConfigurator> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        configure(new ClientKafkaStreamConfigurator(name, client));
        return client;
    }

    /// <summary>
    /// Adds a health check of a provider's topic: degraded while brokers are away, unhealthy when the topic cannot be used as it is.
    /// </summary>
    /// <param name="checks">The health checks.</param>
    /// <param name="name">Name of the provider.</param>
    /// <param name="tags">Tags to filter by.</param>
    public static IHealthChecksBuilder AddKafkaStreams(this IHealthChecksBuilder checks, string name, params string[] tags) =>
        checks.Add(new(
        $"kafka streams {name}", services =>
            new KafkaStreamHealthCheck(services.GetRequiredKeyedService<KafkaStreamResources>(name)), failureStatus: null, tags));
}
