using Orleans.Streams;
using Orleans.Streams.Core;
using Tikr.Streaming.Kafka.Provider;

namespace Tikr.Tests.Streaming.Kafka.Support;

internal interface ICollectorGrain : IGrainWithStringKey;

/// <summary>Gets every stream of its namespace without asking.</summary>
[ImplicitStreamSubscription(KafkaCluster.Implicit)]
internal sealed class CollectorGrain(Collected collected) : Grain, ICollectorGrain, IStreamSubscriptionObserver
{
    public async Task OnSubscribed(IStreamSubscriptionHandleFactory handleFactory) =>
        await handleFactory.Create<string>().ResumeAsync((value, token) =>
        {
            if (collected.Fails(value)) throw new InvalidOperationException("The test says so.");
            collected.Callers[value] = RequestContext.Get("caller");
            collected.Add(this.GetPrimaryKeyString(), value, KafkaOffsets.Of(token));
            return Task.CompletedTask;
        });
}
