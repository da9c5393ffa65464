using Orleans.Streams;

namespace Tikr.Streaming.Kafka.Provider;

/// <summary>
/// Passes through Orleans' pulling agent like a record and holds none: it makes the agent register a stream, or look at its subscribers'
/// cursors again. The cache leaves it out.
/// </summary>
internal sealed class WakeUp(StreamId stream, long offset) : IBatchContainer
{
    public StreamId StreamId => stream;

    public StreamSequenceToken SequenceToken { get; } = KafkaOffsets.OfRecord(offset);

    public IEnumerable<Tuple<T, StreamSequenceToken>> GetEvents<T>() => [];

    public bool ImportRequestContext() => false;
}
