using Microsoft.Extensions.Logging;
using Tikr.Storage.Timescale.Bars;
using Tikr.Storage.Timescale.Catalog;
using Tikr.Storage.Timescale.Incarnations;
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
    private readonly IncarnationGuard _guard;

    public TimescaleStore(
        TimescaleStoreOptions options, TimeProvider time, ILogger logger,
        ResidentKeys? resident = null, string readerRole = ReaderRole.Name)
    {
        Database = new TimescaleDatabase(options, time, logger);
        var registry = new SeriesRegistry();
        var state = new StoreState(Database);
        _guard = new IncarnationGuard(Database);
        var incarnations = new IncarnationTable(Database, _guard);
        Incarnations = incarnations;
        var horizons = new Horizons(Database, _guard, state);
        var chunks = new Chunks(Database, _guard);
        var records = new ChunkRecords(Database, state);
        var manifests = new ManifestLog(Database, _guard, registry);
        var statistics = new StoreStatistics(Database, registry);
        _limits = new SizeLimits(Database, _guard, state, horizons, chunks, manifests, records, statistics);
        var catalog = new SeriesCatalog(
            Database, registry, state, new RetentionSetup(Database, chunks, state, records), new SqlViews(Database, readerRole), records);
        (Catalog, Rebuilds) = (catalog, catalog);
        Keys = new KeyTable(Database, registry);
        var outbox = new Outbox(Database, _guard, registry, state);
        Outbox = outbox;
        _ticks = new TickLog(Database, registry, state, _limits, outbox, manifests, records, _guard, incarnations);
        _bars = new BarTable(Database, _guard, registry, state, outbox, records);
        var pruner = new KeyPruner(Database, _guard, registry, manifests, resident);
        Reaper = new TimescaleReaper(
            Database, _guard, state, horizons, chunks, records, manifests, _limits, pruner, incarnations);
        Statistics = statistics;
    }

    public TimescaleDatabase Database { get; }

    public ISeriesCatalog Catalog { get; }

    public IRebuildStore Rebuilds { get; }

    public KeyTable Keys { get; }

    public ITickStore Ticks => _ticks;

    public IIncarnations Incarnations { get; }

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
        _guard.Dispose();
        Reaper.Dispose();
    }
}
