using Confluent.Kafka;

namespace Tikr.Streaming.Kafka.Consuming;

/// <summary>A record as it came from the topic.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Partition">Its partition.</param>
/// <param name="Offset">Its offset there.</param>
/// <param name="Key">The key, or null.</param>
/// <param name="Value">The value, or null (a tombstone).</param>
/// <param name="TimestampMs">Unix milliseconds, as the producer or the broker set it.</param>
/// <param name="Headers">Headers, or null.</param>
public readonly record struct KafkaConsumedRecord(
    string Topic, int Partition, long Offset, byte[]? Key, byte[]? Value, long TimestampMs, Headers? Headers)
{
    internal static KafkaConsumedRecord Of(ConsumeResult<byte[]?, byte[]?> result) => new(
        result.Topic, result.Partition.Value, result.Offset.Value, result.Message.Key, result.Message.Value,
        result.Message.Timestamp.UnixTimestampMs, result.Message.Headers is { Count: > 0 } headers ? headers : null);
}
