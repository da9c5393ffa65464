using Microsoft.Extensions.Logging;

namespace Tikr.Streaming.Kafka;

/// <summary>Log messages of Orleans streams on Kafka; event ids 8000-8099, which stay as they are. None has a secret in it.</summary>
internal static partial class Log
{
    [LoggerMessage(8001, LogLevel.Warning, "Kafka client {Client}: {Code}: {Reason} ({Suppressed} like it since the last such line)")]
    public static partial void ClientError(ILogger logger, string client, ErrorCode code, string reason, int suppressed);

    [LoggerMessage(8002, LogLevel.Warning, "Kafka client {Client}: {Facility}: {Message} ({Suppressed} like it since the last such line)")]
    public static partial void ClientWarning(ILogger logger, string client, string facility, string message, int suppressed);

    [LoggerMessage(8003, LogLevel.Debug, "Kafka client {Client}: {Facility}: {Message}")]
    public static partial void ClientDetail(ILogger logger, string client, string facility, string message);

    [LoggerMessage(8004, LogLevel.Debug, "Kafka client {Client} statistics: {Json}")]
    public static partial void Statistics(ILogger logger, string client, string json);

    [LoggerMessage(8010, LogLevel.Error,
        "Kafka producer {Client} met a fatal error and is recreated; records in flight are reported as failed: {Code}: {Reason}")]
    public static partial void ProducerFatal(ILogger logger, string client, ErrorCode code, string reason);

    [LoggerMessage(8011, LogLevel.Information, "Kafka producer {Client} is recreated")]
    public static partial void ProducerRecreated(ILogger logger, string client);

    [LoggerMessage(8012, LogLevel.Error, "Kafka producer {Client} cannot be recreated, retrying in {Seconds} s: {Reason}")]
    public static partial void ProducerNotRecreated(ILogger logger, string client, double seconds, string reason);

    [LoggerMessage(8013, LogLevel.Error, "The delivery callback of a record threw; its record counts as reported")]
    public static partial void DeliveryThrew(ILogger logger, Exception exception);

    [LoggerMessage(8014, LogLevel.Warning,
        "Kafka producer {Client} ends with {Records} records neither delivered nor failed; they are reported as failed")]
    public static partial void ProducerEndedEarly(ILogger logger, string client, int records);

    [LoggerMessage(8020, LogLevel.Information, "Created topic {Topic} with {Partitions} partitions")]
    public static partial void TopicCreated(ILogger logger, string topic, int partitions);

    [LoggerMessage(8021, LogLevel.Debug,
        "The broker does not take requests for topics ({Reason}); topic {Topic} is left to its automatic creation")]
    public static partial void TopicLeftToBroker(ILogger logger, string topic, string reason);

    [LoggerMessage(8030, LogLevel.Warning,
        "Record {Offset} of {Topic}[{Partition}] ({Bytes} bytes) cannot be read ({Reason}) "
            + "and is skipped ({Suppressed} like it since the last such line)")]
    public static partial void Poison(ILogger logger, string topic, int partition, long offset, int bytes, string reason, int suppressed);

    [LoggerMessage(8031, LogLevel.Information, "Reading {Topic}[{Partition}] from offset {Offset}")]
    public static partial void PartitionBegun(ILogger logger, string topic, int partition, long offset);

    [LoggerMessage(8032, LogLevel.Information, "Reading {Topic}[{Partition}] again from offset {Offset} for {Subscriptions} subscriptions")]
    public static partial void ReplayBegan(ILogger logger, string topic, int partition, long offset, int subscriptions);

    [LoggerMessage(8033, LogLevel.Information,
        "Read {Topic}[{Partition}] again from offset {From} to {To}; its subscriptions continue with new records")]
    public static partial void ReplayEnded(ILogger logger, string topic, int partition, long from, long to);

    [LoggerMessage(8034, LogLevel.Debug, "Reading {Topic}[{Partition}] again met {Code}; continuing")]
    public static partial void ReplayTroubled(ILogger logger, string topic, int partition, ErrorCode code);

    [LoggerMessage(8035, LogLevel.Warning, "Stream provider {Provider} starts without its topic and waits for it: {Reason}")]
    public static partial void StartedWithoutTopic(ILogger logger, string provider, string reason);

    [LoggerMessage(8036, LogLevel.Error,
        "Stream provider {Provider}: record {Offset} of stream {Stream} could not be delivered to a subscriber in time and is skipped")]
    public static partial void NotDelivered(ILogger logger, string provider, StreamId stream, long offset);

    [LoggerMessage(8037, LogLevel.Error,
        "Stream provider {Provider}: a subscription to stream {Stream} could not begin at offset {Offset}")]
    public static partial void NotSubscribed(ILogger logger, string provider, StreamId stream, long offset);

    [LoggerMessage(8038, LogLevel.Warning,
        "{Topic}[{Partition}] does not have offset {Committed} where its group left off; reading from its oldest record, {Low}")]
    public static partial void OffsetGone(ILogger logger, string topic, int partition, long committed, long low);

    [LoggerMessage(8039, LogLevel.Error, "Stream provider {Provider} waits for its topic: {Reason}")]
    public static partial void WaitsForTopic(ILogger logger, string provider, string reason);

    [LoggerMessage(8040, LogLevel.Information, "Stream provider {Provider}: its topic is ready")]
    public static partial void TopicThere(ILogger logger, string provider);
}
