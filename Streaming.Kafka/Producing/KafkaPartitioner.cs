namespace Tikr.Streaming.Kafka.Producing;

/// <summary>Which partition a key goes to. Records without a key are spread.</summary>
public enum KafkaPartitioner
{
    /// <summary>As the Java clients do.</summary>
    Murmur2,

    /// <summary>As Go clients built on Sarama do.</summary>
    Fnv1a,
}
