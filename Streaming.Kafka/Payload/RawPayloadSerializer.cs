using Tikr.Streaming.Kafka.Consuming;

namespace Tikr.Streaming.Kafka.Payload;

/// <summary>The bytes themselves: events are <c>byte[]</c>, one per record. A tombstone is passed over.</summary>
public sealed class RawPayloadSerializer : IKafkaPayloadSerializer
{
    /// <inheritdoc/>
    public IReadOnlyList<KafkaPayload> Serialize<T>(StreamId stream, IEnumerable<T> events, Dictionary<string, object>? requestContext) =>
        [.. events.Select(one => one is byte[] value
            ? new KafkaPayload(value) : throw Errors.WrongEvent(stream, one?.GetType() ?? typeof(T), typeof(byte[])))];

    /// <inheritdoc/>
    public KafkaEvents Deserialize(in KafkaConsumedRecord record) =>
        record.Value is { } value ? new KafkaEvents([value]) : new KafkaEvents([]);
}
