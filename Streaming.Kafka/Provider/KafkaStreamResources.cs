using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Serialization;
using Tikr.Streaming.Kafka.Connection;
using Tikr.Streaming.Kafka.Consuming;
using Tikr.Streaming.Kafka.Diagnostics;
using Tikr.Streaming.Kafka.Mapping;
using Tikr.Streaming.Kafka.Payload;
using Tikr.Streaming.Kafka.Producing;
using Tikr.Streaming.Kafka.Topics;

namespace Tikr.Streaming.Kafka.Provider;

/// <summary>What one provider has of a silo or client: made when first used, ended with its container.</summary>
internal sealed class KafkaStreamResources : IAsyncDisposable
{
    private readonly Lazy<KafkaRecordProducer> _producer;
    private readonly Lazy<SharedConsumer> _consumer;
    private readonly Lazy<KafkaTopics> _topics;

    public KafkaStreamResources(IServiceProvider services, string name)
    {
        Name = name;
        Options = services.GetRequiredService<IOptionsMonitor<KafkaStreamOptions>>().Get(name);
        if (Options.ConsumerGroup.Length == 0)
            Options.ConsumerGroup = $"orleans-{services.GetRequiredService<IOptions<ClusterOptions>>().Value.ServiceId}";
        Time = services.GetKeyedService<TimeProvider>(name) ?? TimeProvider.System;
        Logger = services.GetRequiredService<ILoggerFactory>().CreateLogger($"Tikr.Streaming.Kafka.{name}");
        var log = new ClientLog(Options.ClientId, new Secrets(Options), Time, Logger);
        var meters = services.GetService<IMeterFactory>();
        Metrics = KafkaMetrics.Of(meters);
        var ns = Options.StreamNamespace.Length > 0 ? Options.StreamNamespace : Options.Topic;
        Mapper = Options.Mapper?.Invoke(services) ?? (Options.Mapping == KafkaStreamMapping.PerPartition
            ? new PartitionStreams(ns, Options.Partitions)
            : new KeyStreams(ns, Options.Partitions, Options.Partitioner));
        Payload = Options.Payload?.Invoke(services)
            ?? new OrleansPayloadSerializer(services.GetRequiredService<Serializer<OrleansPayload>>());
        Consumers = new ConsumerClients(Options, log);
        _producer = new(() => new KafkaRecordProducer(Options.ToProducer(), Logger, meters, Time));
        _consumer = new(() => new SharedConsumer(Options, log, Time));
        _topics = new(() => new KafkaTopics(Options, Logger, Time));
        Topic = new TopicWatch(this);
    }

    public string Name { get; }

    public KafkaStreamOptions Options { get; }

    public TimeProvider Time { get; }

    public ILogger Logger { get; }

    public KafkaMetrics Metrics { get; }

    public IKafkaStreamMapper Mapper { get; }

    public IKafkaPayloadSerializer Payload { get; }

    public ConsumerClients Consumers { get; }

    public TopicWatch Topic { get; }

    public KafkaRecordProducer Producer => _producer.Value;

    public SharedConsumer Consumer => _consumer.Value;

    /// <summary>Sees to it that the topic is there and has as many partitions as the provider has queues.</summary>
    public async Task EnsureTopicAsync(TimeSpan timeout, CancellationToken cancellation)
    {
        Options.TopicOptions.Partitions = Options.Partitions;
        var partitions = await _topics.Value.EnsureAsync(Options.Topic, Options.TopicOptions, timeout, cancellation).ConfigureAwait(false);
        if (partitions != Options.Partitions) throw Errors.WrongPartitions(Name, Options.Topic, partitions, Options.Partitions);
    }

    public RecordReader NewReader(StreamMetrics metrics) => new(Mapper, Payload, metrics, Time, Logger);

    public async ValueTask DisposeAsync()
    {
        Topic.Dispose();
        if (_consumer.IsValueCreated) await _consumer.Value.DisposeAsync().ConfigureAwait(false);
        if (_producer.IsValueCreated) await _producer.Value.DisposeAsync().ConfigureAwait(false);
        if (_topics.IsValueCreated) _topics.Value.Dispose();
    }
}
