using Confluent.Kafka;
using Tikr.Streaming.Kafka.Connection;

namespace Tikr.Streaming.Kafka.Producing;

/// <summary>Makes the client that the options describe.</summary>
internal sealed class ProducerClients(KafkaProducerOptions options, ClientLog log)
{
    /// <summary>A new client.</summary>
    /// <param name="fatal">Called, maybe more than once and from the client's thread, when it cannot go on.</param>
    public IProducer<byte[]?, byte[]?> Build(Action<Error> fatal)
    {
        try
        {
            return new ProducerBuilder<byte[]?, byte[]?>(ConfigOf(options))
                .SetErrorHandler((_, error) =>
                {
                    if (error.IsFatal) fatal(error);
                    else log.Error(error);
                })
                .SetLogHandler((_, line) => log.Line(line))
                .SetStatisticsHandler((_, json) => log.Statistics(json))
                .Build();
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or KafkaException)
        {
            throw Errors.BadClient(options.ClientId, log.Scrub(e.Message));
        }
    }

    internal static ProducerConfig ConfigOf(KafkaProducerOptions options)
    {
        var config = new ProducerConfig
        {
            CompressionType = options.Compression,
            LingerMs = options.Linger.TotalMilliseconds,
            // Reports carry no more than what is read of them: each further field costs every record.
            DeliveryReportFields = "status",
        }.Connect(options);
        config.Acks = Acks.All;
        config.EnableIdempotence = true;
        config.MessageTimeoutMs = (int)options.MessageTimeout.TotalMilliseconds;
        config.MessageMaxBytes = options.MaxMessageBytes;
        config.Partitioner = null;
        config.Set("partitioner", options.Partitioner == KafkaPartitioner.Fnv1a ? "fnv1a_random" : "murmur2_random");

        // Somewhat above our own bounds, which are met first: a record is off our count a moment before it is off the client's.
        config.QueueBufferingMaxMessages = (2 * options.MaxInFlightRecords) + 1_000;
        config.QueueBufferingMaxKbytes = (int)Math.Min(
            int.MaxValue, ((options.MaxInFlightBytes + options.MaxMessageBytes) / 1024 * 5 / 4) + 1024);
        return config;
    }
}
