namespace Tikr.Streaming.Kafka.Payload;

/// <summary>The events in one record.</summary>
/// <param name="Events">The events; none means that the record is passed over in silence.</param>
/// <param name="RequestContext">Orleans' request context of the producer, where the payload carries it.</param>
public readonly record struct KafkaEvents(IReadOnlyList<object> Events, Dictionary<string, object>? RequestContext = null);
