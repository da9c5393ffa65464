using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Tikr.Streaming.Kafka.Provider;

namespace Tikr.Streaming.Kafka.Hosting;

/// <summary>Configures a Kafka stream provider of a client.</summary>
public sealed class ClientKafkaStreamConfigurator : ClusterClientPersistentStreamConfigurator
{
    internal ClientKafkaStreamConfigurator(string name, IClientBuilder builder)
        : base(name, builder, KafkaAdapterFactory.Create) => builder.Services.AddKafkaStreamCore(name);

    /// <summary>Changes the settings.</summary>
    /// <param name="configure">Changes them.</param>
    public ClientKafkaStreamConfigurator ConfigureKafka(Action<OptionsBuilder<KafkaStreamOptions>> configure)
    {
        this.Configure(configure);
        return this;
    }
}
