namespace Tikr.Tests.Support.Kafka;

/// <summary>Requests of Kafka's protocol, by their numbers ("Api Keys" in its protocol guide).</summary>
public enum KafkaApi : short
{
    Produce = 0,
    Fetch = 1,
    ListOffsets = 2,
    Metadata = 3,
    OffsetCommit = 8,
    OffsetFetch = 9,
    FindCoordinator = 10,
    InitProducerId = 22,
}
