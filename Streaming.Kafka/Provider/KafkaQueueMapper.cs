using Orleans.Configuration;
using Orleans.Streams;
using Tikr.Streaming.Kafka.Mapping;

namespace Tikr.Streaming.Kafka.Provider;

/// <summary>One queue per partition, spread over the ring that Orleans' default queue balancer divides among silos.</summary>
internal sealed class KafkaQueueMapper : IConsistentRingStreamQueueMapper
{
    private readonly IKafkaStreamMapper _streams;
    private readonly HashRingBasedStreamQueueMapper _ring;
    private readonly QueueId[] _byPartition;

    public KafkaQueueMapper(string name, int partitions, IKafkaStreamMapper streams)
    {
        _streams = streams;
        _ring = new HashRingBasedStreamQueueMapper(new HashRingStreamQueueMapperOptions { TotalQueueCount = partitions }, name);
        _byPartition = [.. _ring.GetAllQueues().OrderBy(PartitionOf)];
    }

    /// <summary>The partition that is a queue.</summary>
    public static int PartitionOf(QueueId queue) => (int)queue.GetNumericId();

    public IEnumerable<QueueId> GetAllQueues() => _byPartition;

    public IEnumerable<QueueId> GetQueuesForRange(IRingRange range) => _ring.GetQueuesForRange(range);

    public QueueId GetQueueForStream(StreamId streamId) => _byPartition[_streams.AddressOf(streamId).Partition];
}
