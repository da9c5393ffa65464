using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Tikr.Core.Dimensions;
using Tikr.Core.Rollup;
using Tikr.Core.Specs;
using Tikr.Publishing.Hosting;
using Tikr.Storage;
using Tikr.Tests.Support;
using Tikr.Tests.Support.Kafka;
using Tikr.Tests.Support.Memory;

namespace Tikr.Tests.Publishing;

/// <summary>What is published follows the series that are configured, while the output runs.</summary>
public sealed class SeriesComeAndGoTests : IAsyncLifetime
{
    private const long Bucket = 1_700_000_000 * TestSeries.Second;
    private readonly MockKafka _kafka = MockKafka.Start();
    private readonly MemoryStore _store = new();
    private readonly ServiceProvider _services;
    private readonly IHostedService _output;
    private Series[] _series = [];

    public SeriesComeAndGoTests()
    {
        var services = new ServiceCollection().AddLogging().AddSingleton<IOutbox>(_store).AddSingleton<IKeyStore>(_store);
        services.AddTikrKafkaOutput(kafka =>
        {
            kafka.Brokers = _kafka.BootstrapServers;
            kafka.CreateTopics = false;
        });
        _services = services.BuildServiceProvider();
        _output = _services.GetServices<IHostedService>().Single();
    }

    private SeriesDirectory Directory => _services.GetRequiredService<SeriesDirectory>();

    private OutputRunner Runner => _services.GetRequiredService<OutputRunner>();

    public async ValueTask InitializeAsync()
    {
        _series = [.. await _store.OpenAsync([Model("first", FailurePolicy.Spool), Model("second", FailurePolicy.Spool),
            Model("dropping", FailurePolicy.Drop), Model("blocking", FailurePolicy.Block)], TestContext.Current.CancellationToken)];
        await _output.StartAsync(TestContext.Current.CancellationToken);
        Directory.Open([_series[0]]);
        await Eventually.HoldsAsync("senders of the first series run", Eventually.Patience, () => Task.FromResult(
            Runner.Current.OutboxSenders.Count > 0 ? null : "none runs"));
    }

    [Fact]
    public async Task A_series_that_is_added_later_is_published()
    {
        await StoreAsync(_series[0]);
        Directory.Add(_series[1]);
        await StoreAsync(_series[1]);

        await IsPublishedAsync("first");
        await IsPublishedAsync("second");
        await Eventually.HoldsAsync("the outbox is empty", Eventually.Patience, () => Task.FromResult(
            _store.Disk.OutboxEntries.Count == 0 ? null : $"{_store.Disk.OutboxEntries.Count} entries"));
    }

    [Fact]
    public async Task So_is_one_that_does_not_spool_from_its_first_bar_on()
    {
        Directory.Add(_series[2]);
        await StoreAsync(_series[2]);

        await IsPublishedAsync("dropping");
    }

    [Fact]
    public void One_that_blocks_is_among_those_whose_ingest_may_be_held_up()
    {
        Assert.Empty(Runner.Current.Blocking);
        Directory.Add(_series[3]);
        Assert.Equal("blocking", Assert.Single(Runner.Current.Blocking).Name);

        Directory.Remove(_series[3]);
        Assert.Empty(Runner.Current.Blocking);
    }

    [Fact]
    public async Task A_series_that_is_removed_is_sent_no_more_until_it_is_back()
    {
        Directory.Add(_series[1]);
        Directory.Remove(_series[1]);
        await Eventually.HoldsAsync("its senders have ended", Eventually.Patience, () => Task.FromResult(
            Runner.Current.OutboxSenders.Keys.Any(IsOfSecond) ? "one runs" : null));
        await StoreAsync(_series[1]);
        Assert.Single(_store.Disk.OutboxEntries);

        Directory.Add(_series[1]);
        await IsPublishedAsync("second");
    }

    public async ValueTask DisposeAsync()
    {
        await _output.StopAsync(default);
        await _services.DisposeAsync();
        _kafka.Dispose();
    }

    private bool IsOfSecond(int partition) => OutboxPartitions.SeriesOf(partition) == _series[1].Id;

    private SeriesModel Model(string name, FailurePolicy policy)
    {
        _kafka.CreateTopic(name, 1);
        return new SeriesModel(TestSeries.Model(name).Spec with { Kafka = new KafkaOutputSpec(name, "otlp", policy) });
    }

    // As the bar writer does.
    private async Task StoreAsync(Series series)
    {
        var key = new InternedKey(series.Model, new DimensionSet(series.Model.Spec, ["A"]));
        await _store.ResolveAsync(series, [key], TestContext.Current.CancellationToken);
        var spools = series.Model.Spec.Kafka!.OnFailure != FailurePolicy.Drop;
        var partition = spools ? OutboxPartitions.AllOf(series.Id, 4).First() : -1;
        var ticks = new[] { new CommittedTick(new TestTick(key.KeyId, Bucket, 1, 1, 1), default) };
        BarWrite[] writes = [new(series, key.KeyId, SortedPass.BarOf(series.Model, ticks), -1, partition)];
        var results = await _store.WriteAsync(writes, TestContext.Current.CancellationToken);
        var stored = new StoredBar[1];
        Assert.Equal(1, StoredBar.Pick(writes, results, stored));
        _services.GetServices<IBarListener>().Single().Stored(stored);
    }

    private Task IsPublishedAsync(string topic) => Eventually.HoldsAsync($"{topic} has its bar", Eventually.Patience, () =>
    {
        using var reader = new TopicReader(_kafka.BootstrapServers, topic);
        var records = reader.ReadAll().Count;
        return Task.FromResult(records == 1 ? null : $"{records} records");
    });
}
