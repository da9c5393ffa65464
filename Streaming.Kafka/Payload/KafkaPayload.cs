using Confluent.Kafka;

namespace Tikr.Streaming.Kafka.Payload;

/// <summary>The value of one record to produce.</summary>
/// <param name="Value">The value; null is a tombstone.</param>
/// <param name="Headers">Headers, best one instance shared by all records.</param>
/// <param name="TimestampMs">Unix milliseconds; 0 is the time of production.</param>
public readonly record struct KafkaPayload(byte[]? Value, Headers? Headers = null, long TimestampMs = 0);
