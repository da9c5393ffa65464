namespace Tikr.Streaming.Kafka.Mapping;

/// <summary>Which streams the records of a topic belong to.</summary>
public enum KafkaStreamMapping
{
    /// <summary>One stream per key: the record's key is the stream's key. Records without a key are in stream <c>keyless</c>.</summary>
    PerKey,

    /// <summary>One stream per partition: the stream's key is the partition's number. For feeds of many keys.</summary>
    PerPartition,
}
