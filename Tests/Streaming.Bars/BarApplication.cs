using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;
using Tikr.Streaming.Bars;
using Tikr.Streaming.Kafka.Mapping;
using Tikr.Streaming.Kafka.Provider;
using Tikr.Tests.Support;

namespace Tikr.Tests.Streaming.Bars;

/// <summary>An Orleans application of one silo and a client that takes bars from a topic.</summary>
internal sealed class BarApplication : IAsyncDisposable
{
    public const string Provider = "bars";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly InProcessTestCluster _cluster;

    private BarApplication(InProcessTestCluster cluster) => _cluster = cluster;

    /// <summary>What the implicit subscribers were given.</summary>
    public BarLog Log { get; private init; } = new();

    public IClusterClient Client => _cluster.Client;

    public static async Task<BarApplication> StartAsync(BarTopic topic, KafkaStreamMapping? mapping = null)
    {
        var log = new BarLog();
        var builder = new InProcessTestClusterBuilder(1);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.Services.AddSingleton(log);
            silo.AddMemoryGrainStorage("PubSubStore").AddTikrBarStreams(Provider, Configure);
        });
        builder.ConfigureClient(client => client.AddTikrBarStreams(Provider, Configure));
        var application = new BarApplication(builder.Build()) { Log = log };
        await application._cluster.DeployAsync();
        return application;

        void Configure(KafkaStreamOptions options)
        {
            options.BootstrapServers = topic.Brokers;
            options.Topic = topic.Name;
            options.Partitions = BarTopic.Partitions;
            options.StreamNamespace = ImplicitGrain.Namespace;
            options.BeginWith = KafkaBegin.Earliest;
            if (mapping is { } chosen) options.Mapping = chosen;
        }
    }

    /// <summary>Waits until the implicit subscribers were given that many different bars.</summary>
    public Task ReceivedAsync(int count) => Eventually.HoldsAsync($"{count} bars are received", Patience, () =>
        Task.FromResult(Log.Bars.Select(one => one.Bar.Identity).Distinct().Count() is var now && now >= count ? null : $"{now} so far"));

    public async ValueTask DisposeAsync() => await _cluster.DisposeAsync();
}
