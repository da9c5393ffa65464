using Confluent.Kafka;

namespace Tikr.Streaming.Kafka.Producing;

/// <summary>One record to produce. Its arrays may be reused as soon as it has been handed over.</summary>
public readonly record struct KafkaRecord
{
    /// <summary>The topic.</summary>
    public required string Topic { get; init; }

    /// <summary>The partition, or -1 for the one that the key says (or any, without a key).</summary>
    public int Partition { get; init; }

    /// <summary>The key; null is none.</summary>
    public byte[]? Key { get; init; }

    /// <summary>The value; null is a tombstone.</summary>
    public byte[]? Value { get; init; }

    /// <summary>Headers, best one instance shared by many records: headers made for each record halve the rate.</summary>
    public Headers? Headers { get; init; }

    /// <summary>Unix milliseconds; 0 is the time of production.</summary>
    public long TimestampMs { get; init; }

    /// <summary>A record for the partition that its key says.</summary>
    public KafkaRecord() => Partition = -1;

    /// <summary>Bytes that count against the producer's bound.</summary>
    internal int Size => (Key?.Length ?? 0) + (Value?.Length ?? 0);
}
