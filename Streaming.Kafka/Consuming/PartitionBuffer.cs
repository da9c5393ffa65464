using System.Collections.Concurrent;
using Confluent.Kafka;

namespace Tikr.Streaming.Kafka.Consuming;

/// <summary>Records of one partition between the shared consumer and the receiver of its queue.</summary>
internal sealed class PartitionBuffer(TopicPartition partition, int limit)
{
    private readonly ConcurrentQueue<ConsumeResult<byte[]?, byte[]?>> _records = new();
    private int _count;

    public TopicPartition Partition => partition;

    /// <summary>First offset that is read.</summary>
    public long Begin { get; set; }

    /// <summary>Whether the consumer has stopped fetching it, until it is drained. Only the consumer's thread changes this.</summary>
    public bool IsPaused { get; set; }

    /// <summary>Whether there is no room for more.</summary>
    public bool IsFull => Volatile.Read(ref _count) >= limit;

    /// <summary>Whether fetching may go on.</summary>
    public bool IsDrained => Volatile.Read(ref _count) <= limit / 2;

    public void Add(ConsumeResult<byte[]?, byte[]?> record)
    {
        _records.Enqueue(record);
        Interlocked.Increment(ref _count);
    }

    public bool TryTake(out ConsumeResult<byte[]?, byte[]?> record)
    {
        if (!_records.TryDequeue(out record!)) return false;
        Interlocked.Decrement(ref _count);
        return true;
    }
}
