using System.Text.Json;
using Tikr.Streaming.Kafka.Consuming;

namespace Tikr.Streaming.Kafka.Payload;

/// <summary>One event per record as JSON, for topics shared with others. A tombstone is passed over.</summary>
/// <typeparam name="TEvent">Type of the events; others cannot be published.</typeparam>
/// <param name="options">How to write and read, or the default.</param>
public sealed class JsonPayloadSerializer<TEvent>(JsonSerializerOptions? options = null) : IKafkaPayloadSerializer
    where TEvent : notnull
{
    /// <inheritdoc/>
    public IReadOnlyList<KafkaPayload> Serialize<T>(StreamId stream, IEnumerable<T> events, Dictionary<string, object>? requestContext) =>
        [.. events.Select(one => one is TEvent known
            ? new KafkaPayload(JsonSerializer.SerializeToUtf8Bytes(known, options))
            : throw Errors.WrongEvent(stream, one?.GetType() ?? typeof(T), typeof(TEvent)))];

    /// <inheritdoc/>
    public KafkaEvents Deserialize(in KafkaConsumedRecord record) => record.Value is not { } value
        ? new KafkaEvents([])
        : new KafkaEvents([JsonSerializer.Deserialize<TEvent>(value, options) ?? throw new InvalidDataException("The value is null.")]);
}
