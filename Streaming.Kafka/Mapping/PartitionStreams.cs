using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Tikr.Streaming.Kafka.Consuming;

namespace Tikr.Streaming.Kafka.Mapping;

/// <summary>One stream per partition, whose key is the partition's number: few streams, whatever the number of keys.</summary>
internal sealed class PartitionStreams(string streamNamespace, int partitions) : IKafkaStreamMapper
{
    private readonly byte[] _namespace = Encoding.UTF8.GetBytes(streamNamespace);
    private readonly StreamId[] _streams =
        [.. Enumerable.Range(0, partitions)
            .Select(partition => StreamId.Create(streamNamespace, partition.ToString(CultureInfo.InvariantCulture)))];

    public StreamId StreamOf(in KafkaConsumedRecord record) => _streams[record.Partition];

    public StreamId? StreamOfPartition(int partition) => _streams[partition];

    public KafkaAddress AddressOf(StreamId stream)
    {
        if (!stream.Namespace.Span.SequenceEqual(_namespace)) throw Errors.WrongNamespace(stream, streamNamespace);
        if (!Utf8Parser.TryParse(stream.Key.Span, out int partition, out var used)
            || used != stream.Key.Length || partition < 0 || partition >= partitions)
            throw Errors.NotAPartition(stream, partitions);
        return new(null, partition);
    }
}
