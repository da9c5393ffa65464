using Microsoft.Extensions.Logging;

namespace Tikr.Publishing;

/// <summary>Log messages of publishing; event ids 2300-2399, which stay as they are.</summary>
internal static partial class Log
{
    [LoggerMessage(2300, LogLevel.Warning,
        "Publishing series {Series} (partition {Partition}) failed, most likely in the store; retrying")]
    public static partial void SenderFailed(ILogger logger, string series, int partition, Exception error);

    [LoggerMessage(2301, LogLevel.Warning,
        "Topic {Topic} takes no records of series {Series}; they stay in the outbox and are sent again: {Reason}")]
    public static partial void SendingFails(ILogger logger, string topic, string series, string reason);

    [LoggerMessage(2302, LogLevel.Information, "Topic {Topic} takes records of series {Series} again")]
    public static partial void SendsAgain(ILogger logger, string topic, string series);

    [LoggerMessage(2303, LogLevel.Error, "A record for topic {Topic} was rejected repeatedly, "
        + "also when sent alone, and is given up: series {Series}, key number {KeyId}, time {Time}: {Reason}")]
    public static partial void DeadLetter(ILogger logger, string topic, string series, uint keyId, string time, string reason);

    [LoggerMessage(2304, LogLevel.Error,
        "A record of series {Series} is given up: key number {KeyId} is not in the key table any more ({Time})")]
    public static partial void KeyIsGone(ILogger logger, string series, uint keyId, string time);

    [LoggerMessage(2305, LogLevel.Warning, "{Records} records for topic {Topic} of series {Series} are dropped: "
        + "{Reason}; further ones are counted in tikr.output.kafka_drops_total and logged at most once a minute")]
    public static partial void RecordsDropped(ILogger logger, long records, string topic, string series, string reason);

    [LoggerMessage(2306, LogLevel.Warning, "Ingest of series {Series} is held up: {Records} "
        + "records wait for Kafka, kafka.block.max_records allows {Limit} (on_failure: block)")]
    public static partial void IngestHeld(ILogger logger, string series, long records, long limit);

    [LoggerMessage(2307, LogLevel.Information, "Ingest of series {Series} resumes: {Records} records wait for Kafka")]
    public static partial void IngestGoesOn(ILogger logger, string series, long records);

    [LoggerMessage(2308, LogLevel.Warning, "Leasing outbox partitions failed; retrying in {Seconds} s")]
    public static partial void LeasesFailed(ILogger logger, double seconds, Exception error);

    [LoggerMessage(2309, LogLevel.Error,
        "Topic {Topic} cannot be used yet; records for it wait or fail until a retry succeeds: {Reason}")]
    public static partial void TopicNotReady(ILogger logger, string topic, string reason);

    [LoggerMessage(2310, LogLevel.Information,
        "Bars of {Series} series go to Kafka at {Brokers} through {Partitions} outbox partitions each")]
    public static partial void Publishing(ILogger logger, int series, string brokers, int partitions);

    [LoggerMessage(2311, LogLevel.Information, "Sending outbox partitions {Partitions}")]
    public static partial void PartitionsHeld(ILogger logger, string partitions);
}
