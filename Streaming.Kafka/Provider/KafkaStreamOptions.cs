using Confluent.Kafka;
using Tikr.Streaming.Kafka.Connection;
using Tikr.Streaming.Kafka.Mapping;
using Tikr.Streaming.Kafka.Payload;
using Tikr.Streaming.Kafka.Producing;
using Tikr.Streaming.Kafka.Topics;

namespace Tikr.Streaming.Kafka.Provider;

/// <summary>
/// Settings of an Orleans stream provider on one Kafka topic. All silos and clients must agree on topic, partitions, mapping and payload.
/// </summary>
public sealed class KafkaStreamOptions : KafkaConnectionOptions
{
    // The producer owns these settings and their defaults.
    private readonly KafkaProducerOptions _producer = new();

    /// <summary>The topic.</summary>
    public string Topic { get; set; } = "";

    /// <summary>Partitions of the topic: 8. Each is a queue of the provider; an existing topic must have exactly as many.</summary>
    public int Partitions { get; set; } = 8;

    /// <summary>How the topic is to be, where it does not exist yet. Its partitions are those above.</summary>
    public KafkaTopicOptions TopicOptions { get; } = new();

    /// <summary>How long the start of a silo waits for the topic before it goes on without: 5 s.</summary>
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Which streams the records belong to.</summary>
    public KafkaStreamMapping Mapping { get; set; } = KafkaStreamMapping.PerKey;

    /// <summary>Makes another mapping, in place of <see cref="Mapping"/>.</summary>
    public Func<IServiceProvider, IKafkaStreamMapper>? Mapper { get; set; }

    /// <summary>Namespace of the streams; empty takes the topic's name.</summary>
    public string StreamNamespace { get; set; } = "";

    /// <summary>Makes the format of records; null is Orleans' serializer.</summary>
    public Func<IServiceProvider, IKafkaPayloadSerializer>? Payload { get; set; }

    /// <summary>Name under which offsets are committed; empty takes <c>orleans-</c> and the cluster's service id.</summary>
    public string ConsumerGroup { get; set; } = "";

    /// <summary>Where the group begins when it has committed nothing yet.</summary>
    public KafkaBegin BeginWith { get; set; } = KafkaBegin.Latest;

    /// <summary>
    /// How often offsets of delivered records are committed: 1 s. After a crash, at most what came since is delivered again.
    /// </summary>
    public TimeSpan CommitInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Most records of a partition in memory that are not delivered yet: 10,000. One slow subscriber holds back its partition.
    /// </summary>
    public int CacheRecords { get; set; } = 10_000;

    /// <summary>Most records that a pulling agent takes at once: 1,000.</summary>
    public int ReadBatch { get; set; } = 1_000;

    /// <summary>Most records of a partition fetched ahead of the agent: 5,000.</summary>
    public int FetchedRecords { get; set; } = 5_000;

    /// <summary>
    /// Whether an explicit subscription is faulted, and not called again, when a record could not be delivered to it in time.
    /// </summary>
    public bool FaultSubscriptionOnError { get; set; }

    /// <summary>Most records handed over and not yet reported: 100,000.</summary>
    public int MaxInFlightRecords
    {
        get => _producer.MaxInFlightRecords;
        set => _producer.MaxInFlightRecords = value;
    }

    /// <summary>Most bytes of those: 64 MiB.</summary>
    public long MaxInFlightBytes
    {
        get => _producer.MaxInFlightBytes;
        set => _producer.MaxInFlightBytes = value;
    }

    /// <summary>Largest record: 1,000,000 bytes.</summary>
    public int MaxMessageBytes
    {
        get => _producer.MaxMessageBytes;
        set => _producer.MaxMessageBytes = value;
    }

    /// <summary>How long publishing may take, retries included, before it fails: 30 s.</summary>
    public TimeSpan MessageTimeout
    {
        get => _producer.MessageTimeout;
        set => _producer.MessageTimeout = value;
    }

    /// <summary>How long records wait for others to share a batch with: 5 ms.</summary>
    public TimeSpan Linger
    {
        get => _producer.Linger;
        set => _producer.Linger = value;
    }

    /// <summary>Compression of batches.</summary>
    public CompressionType Compression
    {
        get => _producer.Compression;
        set => _producer.Compression = value;
    }

    /// <summary>Which partition a key goes to; the same as that of other producers of the topic.</summary>
    public KafkaPartitioner Partitioner
    {
        get => _producer.Partitioner;
        set => _producer.Partitioner = value;
    }

    /// <summary>The producer's part.</summary>
    internal KafkaProducerOptions ToProducer()
    {
        CopyConnectionTo(_producer);
        return _producer;
    }
}
