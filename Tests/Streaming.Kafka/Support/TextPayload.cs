using System.Text;
using Tikr.Streaming.Kafka.Consuming;
using Tikr.Streaming.Kafka.Payload;

namespace Tikr.Tests.Streaming.Kafka.Support;

/// <summary>Values as text, one event per record; what begins with "poison" cannot be read.</summary>
internal sealed class TextPayload : IKafkaPayloadSerializer
{
    public IReadOnlyList<KafkaPayload> Serialize<T>(StreamId stream, IEnumerable<T> events, Dictionary<string, object>? requestContext) =>
        [.. events.Select(one => new KafkaPayload(Encoding.UTF8.GetBytes((string)(object)one!)))];

    public KafkaEvents Deserialize(in KafkaConsumedRecord record)
    {
        if (record.Value is not { } value) return new KafkaEvents([]);
        var text = Encoding.UTF8.GetString(value);
        return text.StartsWith("poison", StringComparison.Ordinal) ? throw new InvalidDataException(text) : new KafkaEvents([text]);
    }
}
