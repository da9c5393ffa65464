namespace Tikr.Tests.EndToEnd.Scenarios.MarketDay;

public sealed class TimescaleMarketDayTests : MarketDaySuite, IAsyncLifetime
{
    private TestDatabase? _database;

    public async ValueTask InitializeAsync() => _database = await TimescaleServer.CreateDatabaseAsync("day");

    public async ValueTask DisposeAsync()
    {
        if (_database is not null) await _database.DisposeAsync();
    }

    protected override Task<SiloProcess> StartAsync(string name) =>
        SiloProcess.StartAsync(new SiloOptions { Name = $"{name}-timescale", Database = _database!.ConnectionString });

    /// <summary>Bars read by plain SQL, and bars that SQL makes of the raw ticks.</summary>
    protected override async Task CheckStoreAsync(IReadOnlyCollection<MarketBar> expected)
    {
        var sql = new MarketSql(_database!.ConnectionString);
        Assert.Null(await sql.DifferenceAsync(expected));
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{expected.Count} bars of {Day.Ticks.Count} ticks ({Day.Source}) read by {sql.Reader}, twice");
    }
}
