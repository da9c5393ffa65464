using Tikr.Streaming.Kafka.Consuming;

namespace Tikr.Streaming.Kafka.Payload;

/// <summary>The format of records: events to values and back.</summary>
public interface IKafkaPayloadSerializer
{
    /// <summary>The records that carry events published together.</summary>
    /// <typeparam name="T">Type of the events.</typeparam>
    /// <param name="stream">Their stream.</param>
    /// <param name="events">The events.</param>
    /// <param name="requestContext">Orleans' request context; may be left out.</param>
    IReadOnlyList<KafkaPayload> Serialize<T>(StreamId stream, IEnumerable<T> events, Dictionary<string, object>? requestContext);

    /// <summary>
    /// The events of a record. Called where the record is received, once: whatever it throws marks the record as poison, which is logged,
    /// counted and passed over.
    /// </summary>
    /// <param name="record">The record.</param>
    KafkaEvents Deserialize(in KafkaConsumedRecord record);
}
