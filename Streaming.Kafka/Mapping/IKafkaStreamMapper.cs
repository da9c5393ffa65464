using Tikr.Streaming.Kafka.Consuming;

namespace Tikr.Streaming.Kafka.Mapping;

/// <summary>
/// Says which stream a record belongs to, and where the events of a stream go. A stream lives in one partition, and what
/// <see cref="AddressOf"/> answers must come back from <see cref="StreamOf"/>.
/// </summary>
public interface IKafkaStreamMapper
{
    /// <summary>The stream of a record.</summary>
    /// <param name="record">The record.</param>
    StreamId StreamOf(in KafkaConsumedRecord record);

    /// <summary>Where events of a stream go.</summary>
    /// <param name="stream">The stream.</param>
    /// <exception cref="KafkaStreamException">The stream has no place in the topic.</exception>
    KafkaAddress AddressOf(StreamId stream);

    /// <summary>
    /// The stream that a partition always has, or null. It is known to Orleans from the start, so that a subscription which rewinds need
    /// not wait for the next record.
    /// </summary>
    /// <param name="partition">The partition.</param>
    StreamId? StreamOfPartition(int partition) => null;
}
