namespace Tikr.Publishing.Metrics;

/// <summary>Where senders tell how it goes.</summary>
/// <param name="Metrics">Counts.</param>
/// <param name="Drops">What is dropped.</param>
/// <param name="Topics">Topics that take nothing.</param>
internal sealed record SenderStatus(OutputMetrics Metrics, DropLog Drops, TopicLog Topics);
