namespace Tikr.Streaming.Kafka.Caching;

/// <summary>How much a cache holds.</summary>
/// <param name="Records">Most records not yet delivered; delivered ones that stay for a moment are as many at most.</param>
/// <param name="ReadBatch">Most records taken from the partition at once.</param>
/// <param name="DeliveryBatch">Most records that the agent takes from a cursor before it delivers them.</param>
/// <param name="Linger">How long a delivered record stays.</param>
internal readonly record struct RecordCacheLimits(int Records, int ReadBatch, int DeliveryBatch, TimeSpan Linger);
