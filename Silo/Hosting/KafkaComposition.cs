using Tikr.Core.Configuration;
using Tikr.Publishing;
using Tikr.Publishing.Hosting;

namespace Tikr.Silo.Hosting;

/// <summary>Publishes to Kafka where there are brokers.</summary>
internal static class KafkaComposition
{
    /// <summary>Adds the output, if there is one. Before the silo, so that it stops after it.</summary>
    public static IServiceCollection AddTikrOutput(this IServiceCollection services, TikrConfiguration configuration) =>
        configuration.Kafka.IsConfigured ? services.AddTikrKafkaOutput(output => Apply(configuration, output)) : services;

    private static void Apply(TikrConfiguration from, KafkaOutputOptions to)
    {
        var kafka = from.Kafka;
        to.Brokers = string.Join(',', kafka.Brokers);
        foreach (var setting in kafka.Settings)
        {
            var equals = setting.IndexOf('=', StringComparison.Ordinal);
            to.Settings[setting[..equals]] = setting[(equals + 1)..];
        }

        to.UseFnv1a = kafka.Partitioner == KafkaPartitioning.Fnv1a;
        (to.CreateTopics, to.TopicPartitions) = (kafka.Topics.Create, kafka.Topics.Partitions);
        to.TopicReplication = (short)(kafka.Topics.Replication == 0 ? -1 : kafka.Topics.Replication);
        to.TopicRetention = kafka.Topics.Retention == TimeSpan.Zero ? null : kafka.Topics.Retention;
        (to.OutboxPartitions, to.SpoolMaxBytes) = (kafka.OutboxPartitions, kafka.SpoolMaxBytes);
        (to.BlockMaxRecords, to.DropAfter) = (kafka.BlockMaxRecords, kafka.DropAfter);
        to.ServiceName = from.Telemetry.ServiceName;
    }
}
