using Microsoft.Extensions.Logging;

namespace Tikr.Streaming.Kafka;

/// <summary>Every log message of this project. Event ids are stable. None has a secret in it.</summary>
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

    [LoggerMessage(8010, LogLevel.Error, "Kafka producer {Client} met a fatal error and is made anew: {Code}: {Reason}. Records in flight are reported as failed")]
    public static partial void ProducerFatal(ILogger logger, string client, ErrorCode code, string reason);

    [LoggerMessage(8011, LogLevel.Information, "Kafka producer {Client} is there again")]
    public static partial void ProducerRecreated(ILogger logger, string client);

    [LoggerMessage(8012, LogLevel.Error, "Kafka producer {Client} cannot be made anew, tried again in {Seconds} s: {Reason}")]
    public static partial void ProducerNotRecreated(ILogger logger, string client, double seconds, string reason);

    [LoggerMessage(8013, LogLevel.Error, "The delivery callback of a record threw; its record counts as reported")]
    public static partial void DeliveryThrew(ILogger logger, Exception exception);

    [LoggerMessage(8014, LogLevel.Warning, "Kafka producer {Client} ends with {Records} records neither delivered nor failed; they are reported as failed")]
    public static partial void ProducerEndedEarly(ILogger logger, string client, int records);

    [LoggerMessage(8020, LogLevel.Information, "Created topic {Topic} with {Partitions} partitions")]
    public static partial void TopicCreated(ILogger logger, string topic, int partitions);

    [LoggerMessage(8021, LogLevel.Debug, "The broker does not take requests for topics ({Reason}); topic {Topic} is left to its automatic creation")]
    public static partial void TopicLeftToBroker(ILogger logger, string topic, string reason);
}
