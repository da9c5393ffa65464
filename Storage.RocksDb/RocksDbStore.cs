using Microsoft.Extensions.Logging;

namespace Tikr.Storage.RocksDb;

/// <summary>The embedded store: opens the database and puts its parts together.</summary>
internal sealed class RocksDbStore : IDisposable
{
    private readonly TickLog _ticks;
    private readonly BarTable _bars;

    /// <exception cref="StoreRefusedException">The folder is in use, damaged, or of another format.</exception>
    public RocksDbStore(RocksDbStoreOptions options, TimeProvider time, ILogger logger, ResidentKeys? resident = null)
    {
        Database = new RocksDbDatabase(options, time, logger);
        var layouts = new BarLayouts(Database);
        var catalog = new SeriesCatalog(Database, layouts);
        var codec = new BarCodec(layouts);
        var barRetention = new BarRetention(Database);
        var outbox = new Outbox(Database, codec, catalog, barRetention);
        Outbox = outbox;
        var manifests = new ManifestLog(Database, catalog);
        var tickRetention = new TickRetention(Database, manifests, logger);
        var tickEviction = new TickEviction(Database, tickRetention, manifests, logger);
        BarReaper = new BarReaper(Database, barRetention);
        var barEviction = new BarEviction(Database, barRetention, BarReaper, logger);
        Catalog = catalog;
        Rebuilds = catalog;
        KeyNumbers.Complete(Database);
        Keys = new KeyTable(Database);
        var incarnations = new Incarnations(Database, manifests);
        Incarnations = incarnations;
        _ticks = new TickLog(Database, tickRetention, manifests, tickEviction, outbox, incarnations);
        _bars = new BarTable(Database, codec, barRetention, outbox);
        var pruner = new KeyPruner(Database, Keys, manifests, outbox, catalog, resident);
        Reaper = new RocksDbReaper(Database, tickRetention, tickEviction, BarReaper, barEviction, pruner, logger);
        Statistics = new StoreStatistics(Database, tickEviction, barEviction, Keys, manifests);
    }

    public RocksDbDatabase Database { get; }

    public ISeriesCatalog Catalog { get; }

    public IRebuildStore Rebuilds { get; }

    public KeyTable Keys { get; }

    public ITickStore Ticks => _ticks;

    public IIncarnations Incarnations { get; }

    public IBarStore Bars => _bars;

    public IOutbox Outbox { get; }

    public RocksDbReaper Reaper { get; }

    public BarReaper BarReaper { get; }

    public IStoreStatistics Statistics { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Database.Dispose();
        _ticks.Dispose();
        _bars.Dispose();
        Reaper.Dispose();
    }
}
