using Tikr.Streaming.Kafka.Hosting;
using Tikr.Streaming.Kafka.Mapping;
using Tikr.Streaming.Kafka.Provider;

namespace Tikr.Streaming.Bars;

/// <summary>Adds Tikr's bars as streams of an Orleans application.</summary>
public static class TikrBarStreams
{
    /// <summary>
    /// Adds a stream provider whose streams of <see cref="Bar"/> are what Tikr publishes to a topic. One stream per partition, whose key is
    /// the partition's number; <c>Mapping = KafkaStreamMapping.PerKey</c> makes it one per dimension set, whose key is the record's. Set at
    /// least BootstrapServers, Topic and, where the topic has not 8, Partitions.
    /// </summary>
    /// <param name="builder">The silo.</param>
    /// <param name="name">Name of the provider.</param>
    /// <param name="configure">The settings.</param>
    public static ISiloBuilder AddTikrBarStreams(this ISiloBuilder builder, string name, Action<KafkaStreamOptions> configure) =>
        builder.AddKafkaStreams(name, (KafkaStreamOptions options) => Configure(options, configure));

    /// <inheritdoc cref="AddTikrBarStreams(ISiloBuilder, string, Action{KafkaStreamOptions})"/>
    /// <param name="builder">The client.</param>
    /// <param name="name">Name of the provider.</param>
    /// <param name="configure">The settings; the same as in the silos.</param>
    public static IClientBuilder AddTikrBarStreams(this IClientBuilder builder, string name, Action<KafkaStreamOptions> configure) =>
        builder.AddKafkaStreams(name, (KafkaStreamOptions options) => Configure(options, configure));

    private static void Configure(KafkaStreamOptions options, Action<KafkaStreamOptions> configure)
    {
        options.Mapping = KafkaStreamMapping.PerPartition;
        options.Payload = static _ => new BarPayloadSerializer();
        configure(options);
    }
}
