using Orleans.Streams;

namespace Tikr.Streaming.Kafka.Provider;

/// <summary>The events of one record on their way to subscribers; already deserialized, so that it cannot fail there.</summary>
[GenerateSerializer]
[Alias("Tikr.Streaming.Kafka.KafkaBatchContainer")]
internal sealed class KafkaBatchContainer : IBatchContainer
{
    [Id(0)]
    public required StreamId StreamId { get; init; }

    [Id(1)]
    public required long Offset { get; init; }

    [Id(2)]
    public required List<object> Events { get; init; }

    [Id(3)]
    public Dictionary<string, object>? RequestContext { get; init; }

    public StreamSequenceToken SequenceToken => KafkaOffsets.OfRecord(Offset);

    public IEnumerable<Tuple<T, StreamSequenceToken>> GetEvents<T>()
    {
        for (var i = 0; i < Events.Count; i++)
        {
            if (Events[i] is T known) yield return new(known, KafkaOffsets.OfEvent(Offset, i));
        }
    }

    public bool ImportRequestContext()
    {
        if (RequestContext is null) return false;
        RequestContextExtensions.Import(RequestContext);
        return true;
    }

    public override string ToString() => $"record {Offset} of stream {StreamId} with {Events.Count} events";
}
