namespace Tikr.Publishing;

/// <summary>How bars and late ticks go to Kafka.</summary>
public sealed class KafkaOutputOptions
{
    /// <summary>Brokers to begin with, as <c>host:port,host:port</c>.</summary>
    public string Brokers { get; set; } = "";

    /// <summary>Further settings of librdkafka by its names, such as <c>security.protocol</c>. Their values are never shown.</summary>
    public IDictionary<string, string> Settings { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>
    /// Whether a key goes to the partition that Go clients built on Sarama choose (FNV-1a); otherwise to that of Java clients (murmur2).
    /// </summary>
    public bool UseFnv1a { get; set; }

    /// <summary>Whether missing topics are created.</summary>
    public bool CreateTopics { get; set; } = true;

    /// <summary>Partitions of a created topic.</summary>
    public int TopicPartitions { get; set; } = 8;

    /// <summary>Replicas of a created topic; -1 leaves it to the brokers.</summary>
    public short TopicReplication { get; set; } = -1;

    /// <summary>How long a created topic keeps records; null leaves it to the brokers.</summary>
    public TimeSpan? TopicRetention { get; set; }

    /// <summary>Outbox partitions of each series: as many senders, which silos share. 1 to 64.</summary>
    public int OutboxPartitions { get; set; } = 4;

    /// <summary>Most bytes that spooled bars may take in the store, about; the oldest go first.</summary>
    public long SpoolMaxBytes { get; set; } = 1L << 30;

    /// <summary>Waiting bars of a series with <c>on_failure: block</c> from which on its ingest waits.</summary>
    public int BlockMaxRecords { get; set; } = 100_000;

    /// <summary>How long a record of a series with <c>on_failure: drop</c> is tried.</summary>
    public TimeSpan DropAfter { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Resource attribute service.name of the bars.</summary>
    public string ServiceName { get; set; } = "tikr";

    /// <summary>Lease of an outbox partition: how soon another silo takes it over from one that died.</summary>
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(15);
}
