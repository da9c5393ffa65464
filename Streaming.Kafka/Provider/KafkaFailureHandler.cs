using Microsoft.Extensions.Logging;
using Orleans.Streams;
using Tikr.Streaming.Kafka.Diagnostics;

namespace Tikr.Streaming.Kafka.Provider;

/// <summary>Counts and logs what Orleans gave up delivering. Offsets go on, or one subscriber would stop its partition for good.</summary>
internal sealed class KafkaFailureHandler(bool faults, KafkaMetrics metrics, ILogger logger) : IStreamFailureHandler
{
    public bool ShouldFaultSubsriptionOnError => faults;

    public Task OnDeliveryFailure(
        GuidId subscriptionId, string streamProviderName, StreamId streamIdentity, StreamSequenceToken? sequenceToken)
    {
        metrics.NotDelivered(streamProviderName);
        Log.NotDelivered(logger, streamProviderName, streamIdentity, sequenceToken?.SequenceNumber ?? -1);
        return Task.CompletedTask;
    }

    public Task OnSubscriptionFailure(
        GuidId subscriptionId, string streamProviderName, StreamId streamIdentity, StreamSequenceToken? sequenceToken)
    {
        Log.NotSubscribed(logger, streamProviderName, streamIdentity, sequenceToken?.SequenceNumber ?? -1);
        return Task.CompletedTask;
    }
}
