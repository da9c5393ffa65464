using Orleans.Serialization;
using Tikr.Streaming.Kafka.Consuming;

namespace Tikr.Streaming.Kafka.Payload;

/// <summary>The default format: events published together in one record, by Orleans' serializer.</summary>
internal sealed class OrleansPayloadSerializer(Serializer<OrleansPayload> serializer) : IKafkaPayloadSerializer
{
    public IReadOnlyList<KafkaPayload> Serialize<T>(StreamId stream, IEnumerable<T> events, Dictionary<string, object>? requestContext) =>
        [new(serializer.SerializeToArray(
            new OrleansPayload { Events = [.. events.Select(one => (object)one!)], RequestContext = requestContext }))];

    public KafkaEvents Deserialize(in KafkaConsumedRecord record)
    {
        if (record.Value is not { Length: > 0 } value) throw new InvalidDataException("The value is empty.");
        var payload = serializer.Deserialize(value) ?? throw new InvalidDataException("The value holds nothing.");
        return new(payload.Events, payload.RequestContext);
    }
}
