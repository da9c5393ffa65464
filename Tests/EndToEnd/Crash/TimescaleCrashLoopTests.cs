namespace Tikr.Tests.EndToEnd.Crash;

public sealed class TimescaleCrashLoopTests : CrashLoopSuite, IAsyncLifetime
{
    private TestDatabase? _database;

    public async ValueTask InitializeAsync() => _database = await TimescaleServer.CreateDatabaseAsync("crash");

    public async ValueTask DisposeAsync()
    {
        if (_database is not null) await _database.DisposeAsync();
    }

    protected override Task<SiloOptions> OptionsAsync() =>
        Task.FromResult(new SiloOptions { Name = "crash-timescale", Database = _database!.ConnectionString });

    protected override async Task CheckStoreAsync(IReadOnlyCollection<MarketBar> expected, long fromNs, long toNs) =>
        Assert.Null(await new MarketSql(_database!.ConnectionString).DifferenceAsync(expected, fromNs, toNs));
}
