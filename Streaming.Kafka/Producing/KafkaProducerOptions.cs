using Confluent.Kafka;
using Tikr.Streaming.Kafka.Connection;

namespace Tikr.Streaming.Kafka.Producing;

/// <summary>How records are produced. Always idempotent and acknowledged by all in-sync replicas.</summary>
public sealed class KafkaProducerOptions : KafkaConnectionOptions
{
    /// <summary>Most records handed over and not yet reported: 100,000.</summary>
    public int MaxInFlightRecords { get; set; } = 100_000;

    /// <summary>Most bytes of keys and values of those: 64 MiB. One record alone may be larger.</summary>
    public long MaxInFlightBytes { get; set; } = 64 << 20;

    /// <summary>Largest record: 1,000,000 bytes, as brokers allow by default.</summary>
    public int MaxMessageBytes { get; set; } = 1_000_000;

    /// <summary>How long a record may take, retries included, before it is reported as failed: 30 s.</summary>
    public TimeSpan MessageTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long records wait for others to share a batch with: 5 ms.</summary>
    public TimeSpan Linger { get; set; } = TimeSpan.FromMilliseconds(5);

    /// <summary>Compression of batches.</summary>
    public CompressionType Compression { get; set; } = CompressionType.Zstd;

    /// <summary>Which partition a key goes to.</summary>
    public KafkaPartitioner Partitioner { get; set; } = KafkaPartitioner.Murmur2;

    /// <summary>How long the end waits for records in flight: 10 s.</summary>
    public TimeSpan FlushTimeout { get; set; } = TimeSpan.FromSeconds(10);
}
