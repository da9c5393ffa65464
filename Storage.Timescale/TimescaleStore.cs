using Microsoft.Extensions.Logging;
using Tikr.Storage.Timescale.Bars;
using Tikr.Storage.Timescale.Catalog;
using Tikr.Storage.Timescale.Keys;
using Tikr.Storage.Timescale.Retention;
using Tikr.Storage.Timescale.Schema.Views;
using Tikr.Storage.Timescale.Ticks;

namespace Tikr.Storage.Timescale;

/// <summary>The store on PostgreSQL with TimescaleDB: puts its parts together. It connects when the catalog is opened.</summary>
internal sealed class TimescaleStore : IAsyncDisposable, IDisposable
{
    private readonly TickLog _ticks;
    private readonly BarTable _bars;
    private readonly SizeLimits _limits;

    public TimescaleStore(
        TimescaleStoreOptions options, TimeProvider time, ILogger logger,
        ResidentKeys? resident = null, string readerRole = ReaderRole.Name)
    {
        Database = new TimescaleDatabase(options, time, logger);
        var registry = new SeriesRegistry();
        var state = new StoreState(Database);
        var horizons = new Horizons(Database, state);
        var chunks = new Chunks(Database);
        var records = new ChunkRecords(Database, state);
        var manifests = new ManifestLog(Database, registry);
        var statistics = new StoreStatistics(Database, registry);
        _limits = new SizeLimits(Database, state, horizons, chunks, manifests, statistics);
        var catalog = new SeriesCatalog(
            Database, registry, state, new RetentionSetup(Database, chunks, state, records), new SqlViews(Database, readerRole), records);
        (Catalog, Rebuilds) = (catalog, catalog);
        Keys = new KeyTable(Database, registry);
        var outbox = new Outbox(Database, registry, state);
        Outbox = outbox;
        _ticks = new TickLog(Database, registry, state, _limits, outbox, manifests, records);
        _bars = new BarTable(Database, registry, state, outbox, records);
        var pruner = new KeyPruner(Database, registry, manifests, resident);
        Reaper = new TimescaleReaper(Database, state, horizons, chunks, records, manifests, _limits, pruner);
        Statistics = statistics;
    }

    public TimescaleDatabase Database { get; }

    public ISeriesCatalog Catalog { get; }

    public IRebuildStore Rebuilds { get; }

    public KeyTable Keys { get; }

    public ITickStore Ticks => _ticks;

    public IBarStore Bars => _bars;

    public IOutbox Outbox { get; }

    public TimescaleReaper Reaper { get; }

    public IStoreStatistics Statistics { get; }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync().ConfigureAwait(false);
        DisposeParts();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Database.Dispose();
        DisposeParts();
    }

    private void DisposeParts()
    {
        _ticks.Dispose();
        _bars.Dispose();
        _limits.Dispose();
        Reaper.Dispose();
    }
}
