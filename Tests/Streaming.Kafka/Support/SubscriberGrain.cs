using Orleans.Streams;
using Tikr.Streaming.Kafka.Provider;

namespace Tikr.Tests.Streaming.Kafka.Support;

internal interface ISubscriberGrain : IGrainWithStringKey
{
    /// <summary>Subscribes to a stream, from an offset or from now.</summary>
    Task SubscribeAsync(string ns, string key, long? offset);

    Task PublishAsync(string ns, string key, List<string> values);
}

/// <summary>Subscribes when told; what it gets is collected under its own key.</summary>
internal sealed class SubscriberGrain(Collected collected) : Grain, ISubscriberGrain
{
    public async Task SubscribeAsync(string ns, string key, long? offset)
    {
        var stream = this.GetStreamProvider(KafkaCluster.Provider).GetStream<string>(StreamId.Create(ns, key));
        if (offset is { } at) await stream.SubscribeAsync(OnNextAsync, KafkaOffsets.At(at));
        else await stream.SubscribeAsync(OnNextAsync);

        Task OnNextAsync(string value, StreamSequenceToken? token)
        {
            collected.Add(this.GetPrimaryKeyString(), value, KafkaOffsets.Of(token));
            return Task.CompletedTask;
        }
    }

    public Task PublishAsync(string ns, string key, List<string> values) =>
        this.GetStreamProvider(KafkaCluster.Provider).GetStream<string>(StreamId.Create(ns, key)).OnNextBatchAsync(values);
}
