namespace Tikr.Streaming.Kafka.Mapping;

/// <summary>Where the events of a stream go in a topic.</summary>
/// <param name="Key">The records' key, or null.</param>
/// <param name="Partition">The partition.</param>
public readonly record struct KafkaAddress(byte[]? Key, int Partition);
