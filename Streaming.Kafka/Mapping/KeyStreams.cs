using System.Text;
using Tikr.Streaming.Kafka.Consuming;
using Tikr.Streaming.Kafka.Producing;

namespace Tikr.Streaming.Kafka.Mapping;

/// <summary>One stream per key of the topic: the record's key is the stream's key. Each stream costs Orleans a registration.</summary>
internal sealed class KeyStreams(string streamNamespace, int partitions, KafkaPartitioner partitioner) : IKafkaStreamMapper
{
    /// <summary>Key of the stream that takes records without a key.</summary>
    public const string Keyless = "keyless";

    private readonly byte[] _namespace = Encoding.UTF8.GetBytes(streamNamespace);
    private readonly byte[] _keyless = Encoding.UTF8.GetBytes(Keyless);

    public StreamId StreamOf(in KafkaConsumedRecord record) =>
        StreamId.Create(_namespace, record.Key is { Length: > 0 } key ? key : _keyless);

    public KafkaAddress AddressOf(StreamId stream)
    {
        if (!stream.Namespace.Span.SequenceEqual(_namespace)) throw Errors.WrongNamespace(stream, streamNamespace);
        var key = stream.Key.ToArray();
        return new(key, partitioner == KafkaPartitioner.Fnv1a ? KeyHashes.Fnv1a(key, partitions) : KeyHashes.Murmur2(key, partitions));
    }
}
