using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Streams;
using Orleans.Streams.Filtering;
using Tikr.Streaming.Kafka.Caching;

namespace Tikr.Streaming.Kafka.Provider;

/// <summary>Makes what Orleans' persistent streams are built from.</summary>
internal sealed class KafkaAdapterFactory : IQueueAdapterFactory, IQueueAdapterCache
{
    private static readonly TimeSpan DeliveredStay = TimeSpan.FromSeconds(1);

    private readonly KafkaStreamResources _resources;
    private readonly KafkaQueueMapper _mapper;
    private readonly RecordCacheLimits _limits;
    private readonly ConcurrentDictionary<QueueId, RecordCache> _caches = new();

    private KafkaAdapterFactory(KafkaStreamResources resources, int deliveryBatch)
    {
        _resources = resources;
        _mapper = new KafkaQueueMapper(resources.Name, resources.Options.Partitions, resources.Mapper);
        _limits = new RecordCacheLimits(resources.Options.CacheRecords, resources.Options.ReadBatch, deliveryBatch, DeliveredStay);
    }

    /// <summary>The factory of a provider.</summary>
    public static KafkaAdapterFactory Create(IServiceProvider services, string name)
    {
        var batch = services.GetRequiredService<IOptionsMonitor<StreamPullingAgentOptions>>().Get(name).BatchContainerBatchSize;
        // What a filter leaves out does not count in a batch, so with one the agent may take any number.
        var isFiltered = services.GetKeyedService<IStreamFilter>(name) is not null;
        return new KafkaAdapterFactory(
            services.GetRequiredKeyedService<KafkaStreamResources>(name), batch <= 1 ? 1 : isFiltered ? int.MaxValue : batch);
    }

    public Task<IQueueAdapter> CreateAdapter() => CreateAdapter(CancellationToken.None);

    public async Task<IQueueAdapter> CreateAdapter(CancellationToken cancellationToken)
    {
        await _resources.Topic.StartAsync(_resources.Options.StartTimeout, cancellationToken).ConfigureAwait(false);
        return new KafkaAdapter(_resources, queue => _caches.GetValueOrDefault(queue) ?? CreateCache(queue));
    }

    public IQueueAdapterCache GetQueueAdapterCache() => this;

    public IStreamQueueMapper GetStreamQueueMapper() => _mapper;

    public Task<IStreamFailureHandler> GetDeliveryFailureHandler(QueueId queueId) =>
        Task.FromResult<IStreamFailureHandler>(
            new KafkaFailureHandler(_resources.Options.FaultSubscriptionOnError, _resources.Metrics, _resources.Logger));

    // The agent makes the cache first and the receiver after it, both anew each time that it takes the queue.
    public IQueueCache CreateQueueCache(QueueId queueId) => CreateCache(queueId);

    private RecordCache CreateCache(QueueId queue) => _caches[queue] = new RecordCache(_limits, _resources.Time);
}
