using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Tikr.Core.Rollup;
using Tikr.Storage;
using Tikr.Storage.RocksDb;

namespace Tikr.Benchmarks.KafkaRates;

/// <summary>An empty store with one series and its keys.</summary>
internal sealed class Rig : IAsyncDisposable
{
    private readonly ServiceProvider _provider;
    private readonly string _folder;

    private Rig(ServiceProvider provider, string folder, Series series, uint[] keyIds)
    {
        _provider = provider;
        _folder = folder;
        Series = series;
        KeyIds = keyIds;
    }

    public Series Series { get; }

    /// <summary>Numbers of the keys, in the order of <see cref="Trades.Keys"/>.</summary>
    public uint[] KeyIds { get; }

    public IBarStore Bars => _provider.GetRequiredService<IBarStore>();

    public IOutbox Outbox => _provider.GetRequiredService<IOutbox>();

    public IKeyStore Keys => _provider.GetRequiredService<IKeyStore>();

    public IMeterFactory Meters => _provider.GetRequiredService<IMeterFactory>();

    public static async Task<Rig> StartAsync(Trades trades)
    {
        var folder = Directory.CreateTempSubdirectory("tikr-benchmark-").FullName;
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddMetrics();
        services.AddTikrRocksDb(options => options.DataDir = folder);
        var provider = services.BuildServiceProvider();
        var series = (await provider.GetRequiredService<ISeriesCatalog>()
            .OpenAsync([Trades.Model], CancellationToken.None).ConfigureAwait(false))[0];
        await provider.GetRequiredService<IKeyStore>().ResolveAsync(series, trades.Keys, CancellationToken.None).ConfigureAwait(false);
        return new Rig(provider, folder, series, [.. trades.Keys.Select(key => key.KeyId)]);
    }

    public async ValueTask DisposeAsync()
    {
        await _provider.DisposeAsync().ConfigureAwait(false);
        Directory.Delete(_folder, recursive: true);
    }
}
