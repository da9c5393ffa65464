using Confluent.Kafka;
using Tikr.Streaming.Kafka.Connection;
using Tikr.Streaming.Kafka.Provider;

namespace Tikr.Streaming.Kafka.Consuming;

/// <summary>Makes consumers. Partitions are assigned by Orleans' queue balancer, so the group only names where offsets are kept.</summary>
internal sealed class ConsumerClients(KafkaStreamOptions options, ClientLog log)
{
    /// <summary>The shared consumer: commits what has been stored as delivered.</summary>
    public IConsumer<byte[]?, byte[]?> BuildShared()
    {
        var config = ConfigOf();
        config.EnableAutoCommit = true;
        config.AutoCommitIntervalMs = (int)options.CommitInterval.TotalMilliseconds;
        return Build(config);
    }

    /// <summary>A consumer that reads a part of a partition again and commits nothing.</summary>
    public IConsumer<byte[]?, byte[]?> BuildReplay()
    {
        var config = ConfigOf();
        config.EnableAutoCommit = false;
        config.EnablePartitionEof = true;
        return Build(config);
    }

    private ConsumerConfig ConfigOf() => new ConsumerConfig
    {
        GroupId = options.ConsumerGroup,
        EnableAutoOffsetStore = false,
        // For offsets that retention has passed: what is still there comes, and nothing is left out.
        AutoOffsetReset = AutoOffsetReset.Earliest,
        // The topic is seen to before anything is read.
        AllowAutoCreateTopics = false,
        FetchWaitMaxMs = 100,
    }.Connect(options);

    private IConsumer<byte[]?, byte[]?> Build(ConsumerConfig config)
    {
        try
        {
            return new ConsumerBuilder<byte[]?, byte[]?>(config)
                .SetErrorHandler((_, error) => log.Error(error))
                .SetLogHandler((_, line) => log.Line(line))
                .SetStatisticsHandler((_, json) => log.Statistics(json))
                .Build();
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or KafkaException)
        {
            throw Errors.BadClient(options.ClientId, log.Scrub(e.Message));
        }
    }
}
