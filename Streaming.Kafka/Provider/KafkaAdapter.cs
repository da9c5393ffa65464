using Orleans.Streams;
using Tikr.Streaming.Kafka.Caching;
using Tikr.Streaming.Kafka.Producing;

namespace Tikr.Streaming.Kafka.Provider;

/// <summary>The topic as Orleans publishes to it and reads from it.</summary>
internal sealed class KafkaAdapter(KafkaStreamResources resources, Func<QueueId, RecordCache> caches) : IQueueAdapter
{
    // Orleans keys what it knows of streams by it: it must be the provider's name.
    public string Name => resources.Name;

    public bool IsRewindable => true;

    public StreamProviderDirection Direction => StreamProviderDirection.ReadWrite;

    public async Task QueueMessageBatchAsync<T>(
        StreamId streamId, IEnumerable<T> events, StreamSequenceToken? token, Dictionary<string, object>? requestContext)
    {
        if (token is not null) throw Errors.TokenGiven(streamId);
        var address = resources.Mapper.AddressOf(streamId);
        var payloads = resources.Payload.Serialize(streamId, events, requestContext);
        if (payloads.Count == 0) return;
        if (!resources.Topic.Ready.IsCompletedSuccessfully) await WaitForTopicAsync(streamId).ConfigureAwait(false);

        var operation = new PublishOperation(payloads.Count);
        for (var i = 0; i < payloads.Count; i++)
        {
            var record = new KafkaRecord
            {
                Topic = resources.Options.Topic,
                Partition = address.Partition,
                Key = address.Key,
                Value = payloads[i].Value,
                Headers = payloads[i].Headers,
                TimestampMs = payloads[i].TimestampMs,
            };
            await resources.Producer.ProduceAsync(record, operation, i).ConfigureAwait(false);
        }

        if (await operation.Completion.ConfigureAwait(false) is { } failure)
            throw Errors.NotPublished(streamId, resources.Options.Topic, failure);
    }

    public IQueueAdapterReceiver CreateReceiver(QueueId queueId)
    {
        var partition = KafkaQueueMapper.PartitionOf(queueId);
        var cache = caches(queueId);
        return new KafkaQueueReceiver(resources, partition, cache, resources.Metrics.AddPartition(resources.Name, partition, cache));
    }

    private async Task WaitForTopicAsync(StreamId stream)
    {
        try
        {
            await resources.Topic.Ready.WaitAsync(resources.Options.MessageTimeout, resources.Time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw Errors.NoTopicYet(stream, resources.Options.Topic, resources.Options.MessageTimeout);
        }
    }
}
