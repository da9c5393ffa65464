using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Tikr.Streaming.Kafka.Provider;

namespace Tikr.Streaming.Kafka.Hosting;

/// <summary>Configures a Kafka stream provider of a silo.</summary>
public sealed class SiloKafkaStreamConfigurator : SiloPersistentStreamConfigurator
{
    internal SiloKafkaStreamConfigurator(string name, Action<Action<IServiceCollection>> configureServices)
        : base(name, configureServices, KafkaAdapterFactory.Create) => ConfigureDelegate(services => services.AddKafkaStreamCore(name));

    /// <summary>Changes the settings.</summary>
    /// <param name="configure">Changes them.</param>
    public SiloKafkaStreamConfigurator ConfigureKafka(Action<OptionsBuilder<KafkaStreamOptions>> configure)
    {
        this.Configure(configure);
        return this;
    }

    /// <summary>Changes how pulling agents poll and deliver.</summary>
    /// <param name="configure">Changes it.</param>
    public SiloKafkaStreamConfigurator ConfigureAgents(Action<StreamPullingAgentOptions> configure)
    {
        this.ConfigurePullingAgent(options => options.Configure(configure));
        return this;
    }
}
