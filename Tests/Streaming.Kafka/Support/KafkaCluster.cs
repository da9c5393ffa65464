using System.Text;
using Confluent.Kafka;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Streams;
using Orleans.TestingHost;
using Tikr.Streaming.Kafka.Hosting;
using Tikr.Streaming.Kafka.Provider;
using Tikr.Tests.Support;
using Tikr.Tests.Support.Kafka;

namespace Tikr.Tests.Streaming.Kafka.Support;

/// <summary>Silos of this process with a provider on a topic of a mock cluster, whose values are plain text.</summary>
internal sealed class KafkaCluster : IAsyncDisposable
{
    public const string Provider = "kafka";
    public const string Implicit = "implicit";
    public const string Explicit = "explicit";

    public const string Group = "test-group";

    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly InProcessTestCluster _cluster;

    private readonly bool _ownsKafka;
    private readonly Lazy<IProducer<byte[]?, byte[]?>> _outside;

    private KafkaCluster(InProcessTestCluster cluster, TestKafka kafka, bool ownsKafka, string topic)
    {
        (_cluster, Brokers, _ownsKafka, Topic) = (cluster, kafka, ownsKafka, topic);
        _outside = new(() => new ProducerBuilder<byte[]?, byte[]?>(new ProducerConfig
        {
            BootstrapServers = kafka.BootstrapServers,
            Partitioner = Partitioner.Murmur2Random,
            LingerMs = 1,
        }).Build());
    }

    public TestKafka Brokers { get; }

    /// <summary>The mock, for tests that asked for one.</summary>
    public MockKafka Kafka => Brokers.Mock;

    public string Topic { get; }

    public Collected Collected { get; } = new();

    public LogRecorder Log { get; } = new();

    public IClusterClient Client => _cluster.Client;

    public IReadOnlyList<InProcessSiloHandle> Silos => [.. _cluster.Silos];

    public IServiceProvider Services(int silo = 0) => _cluster.GetSiloServiceProvider(_cluster.Silos[silo].SiloAddress);

    public static async Task<KafkaCluster> StartAsync(
        short silos = 1, int partitions = 4, Action<KafkaStreamOptions>? configure = null, Action<SiloKafkaStreamConfigurator>? silo = null,
            TestKafka? kafka = null, bool createTopic = true, string? topic = null, bool mock = false)
    {
        var builder = new InProcessTestClusterBuilder(silos);
        KafkaCluster? cluster = null;
        topic ??= TestKafka.NewTopic();
        var ownsKafka = kafka is null;
        kafka ??= TestKafka.Start(mock);
        if (createTopic) await kafka.CreateTopicAsync(topic, partitions);
        builder.ConfigureSilo((_, host) =>
        {
            host.Services.AddSingleton(cluster!.Collected);
            host.Services.AddLogging(logging => logging.AddProvider(cluster.Log).SetMinimumLevel(LogLevel.Information));
            host.AddMemoryGrainStorage("PubSubStore");
            host.Configure<ClusterMembershipOptions>(options =>
            {
                (options.ProbeTimeout, options.NumMissedProbesLimit, options.NumVotesForDeathDeclaration) =
                    (TimeSpan.FromMilliseconds(500), 2, 1);
                options.TableRefreshTimeout = TimeSpan.FromSeconds(2);
            });
            host.AddKafkaStreams(Provider, (SiloKafkaStreamConfigurator provider) =>
            {
                provider.ConfigureKafka(options => options.Configure(options => cluster.Configure(options, partitions, configure)));
                provider.ConfigureAgents(options => options.GetQueueMsgsTimerPeriod = TimeSpan.FromMilliseconds(20));
                silo?.Invoke(provider);
            });
        });
        builder.ConfigureClient(client => client.AddKafkaStreams(
            Provider, (KafkaStreamOptions options) => cluster!.Configure(options, partitions, configure)));
        cluster = new KafkaCluster(builder.Build(), kafka, ownsKafka, topic);
        await cluster._cluster.DeployAsync(TestContext.Current.CancellationToken);
        return cluster;
    }

    public IAsyncStream<string> Stream(string key, string ns = Implicit) =>
        Client.GetStreamProvider(Provider).GetStream<string>(StreamId.Create(ns, key));

    public ISubscriberGrain Subscriber(string key) => Client.GetGrain<ISubscriberGrain>(key);

    /// <summary>Writes to the topic with a plain producer that knows nothing of ours.</summary>
    public async Task WriteAsync(string? key, IEnumerable<string?> values, int partition = -1)
    {
        foreach (var value in values)
        {
            var message = new Message<byte[]?, byte[]?>
            {
                Key = key is null
                ? null : Encoding.UTF8.GetBytes(key),
                Value = value is null ? null : Encoding.UTF8.GetBytes(value)
            };
            await _outside.Value.ProduceAsync(new TopicPartition(Topic, partition), message, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Waits until grains have got as much as said; the answer tells what is missing, or is null.</summary>
    public Task CollectedAsync(string what, Func<Collected, string?> missing) =>
        Eventually.HoldsAsync(what, Patience, () => Task.FromResult(missing(Collected)));

    public Task CollectedAsync(int count) =>
        CollectedAsync($"{count} events", collected => collected.Count >= count ? null : $"{collected.Count}");

    /// <summary>Waits until the group has committed as many records as said, over all partitions.</summary>
    public Task CommittedAsync(long records, int partitions = 4) =>
        Eventually.HoldsAsync($"{records} records are committed", Patience, () =>
    {
        using var consumer = new ConsumerBuilder<byte[], byte[]>(
            new ConsumerConfig { BootstrapServers = Brokers.BootstrapServers, GroupId = Group }).Build();
        var committed = consumer.Committed(
            Enumerable.Range(0, partitions).Select(partition => new TopicPartition(Topic, partition)), TimeSpan.FromSeconds(10))
            .Sum(partition => partition.Offset.IsSpecial ? 0 : partition.Offset.Value);
        return Task.FromResult(committed == records ? null : $"{committed}");
    });

    public Task KillAsync(int silo) => _cluster.KillSiloAsync(_cluster.Silos[silo], TestContext.Current.CancellationToken);

    public Task StopAsync(int silo) => _cluster.StopSiloAsync(_cluster.Silos[silo], TestContext.Current.CancellationToken);

    public Task StartAnotherAsync() => _cluster.StartAdditionalSiloAsync();

    public async ValueTask DisposeAsync()
    {
        await _cluster.StopAllSilosAsync();
        await _cluster.DisposeAsync();
        if (_outside.IsValueCreated) _outside.Value.Dispose();
        if (_ownsKafka) Brokers.Dispose();
    }

    private void Configure(KafkaStreamOptions options, int partitions, Action<KafkaStreamOptions>? configure)
    {
        options.BootstrapServers = Brokers.BootstrapServers;
        options.Topic = Topic;
        options.ConsumerGroup = Group;
        options.StreamNamespace = Implicit;
        options.Partitions = partitions;
        options.BeginWith = KafkaBegin.Earliest;
        options.CommitInterval = TimeSpan.FromMilliseconds(200);
        options.Payload = _ => new TextPayload();
        options.Settings["reconnect.backoff.max.ms"] = "200";
        configure?.Invoke(options);
    }
}
