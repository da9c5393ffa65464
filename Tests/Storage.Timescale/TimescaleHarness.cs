using Npgsql;
using Tikr.Storage;
using Tikr.Storage.Timescale;
using Tikr.Tests.Support;

namespace Tikr.Tests.Storage.Timescale;

/// <summary>
/// The store on PostgreSQL in a schema of its own, dropped afterwards. Chunks are dropped by the reaper, since policies go by the server's
/// clock.
/// </summary>
public sealed class TimescaleHarness : StoreHarness
{
    private static int _schemas;
    private TimescaleStore? _store;
    private bool _sharesSchema;

    public string Schema { get; init; } = $"store_{Interlocked.Increment(ref _schemas)}";

    public string ConnectionString { get; init; } = TimescaleServer.SharedDatabase;

    public TimescaleRetention Retention { get; init; } = TimescaleRetention.Reaper;

    public bool CompressBars { get; init; }

    public TimeSpan OperationTimeout { get; init; } = TimeSpan.FromSeconds(30);

    public LogRecorder Logs { get; } = new();

    public override ISeriesCatalog Catalog => Inner.Catalog;

    public override IRebuildStore Rebuilds => Inner.Rebuilds;

    public override IKeyStore Keys => Inner.Keys;

    public override ITickStore Ticks => Inner.Ticks;

    public override IIncarnations Incarnations => Inner.Incarnations;

    public override IBarStore Bars => Inner.Bars;

    public override IOutbox Outbox => Inner.Outbox;

    public override IReapable Reaper => Inner.Reaper;

    internal TimescaleStore Inner => _store ??= new TimescaleStore(Options(), Time, Logs, Resident);

    public override async ValueTask ReopenAsync()
    {
        if (_store is not null) await _store.DisposeAsync();
        _store = null;
    }

    public override async ValueTask DisposeAsync()
    {
        await ReopenAsync();
        if (!_sharesSchema) await ExecuteAsync($"DROP SCHEMA IF EXISTS {Schema} CASCADE");
    }

    public override StoreHarness Join() => Another();

    /// <summary>Another store on the same schema, as a second silo has it.</summary>
    public TimescaleHarness Another() => Another(Limits, Retention);

    /// <summary>The same with other settings.</summary>
    public TimescaleHarness Another(StoreLimits limits, TimescaleRetention retention, bool compressBars = false) =>
        new()
        {
            Schema = Schema,
            Limits = limits,
            Retention = retention,
            CompressBars = compressBars,
            Time = new(Time.GetUtcNow()),
            _sharesSchema = true
        };

    /// <summary>Runs SQL beside the store.</summary>
    public static async Task ExecuteAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create(TimescaleServer.SharedDatabase + ";Pooling=false");
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    internal TimescaleStoreOptions Options() => new()
    {
        ConnectionString = ConnectionString,
        OperationTimeout = OperationTimeout,
        Schema = Schema,
        TicksTtl = Limits.TicksTtl,
        BarsTtl = Limits.BarsTtl,
        TicksMaxBytes = Limits.TicksMaxBytes,
        BarsMaxBytes = Limits.BarsMaxBytes,
        Retention = Retention,
        CompressBars = CompressBars,
    };
}
