using Tikr.Tests.DatabaseSupport;

namespace Tikr.Tests.Scenarios.MarketDay;

public sealed class TimescaleMarketDayTests(TimescaleServer server) : MarketDaySuite, IAsyncLifetime
{
    private TestDatabase? _database;

    public async ValueTask InitializeAsync() => _database = await server.CreateDatabaseAsync("day");

    public async ValueTask DisposeAsync()
    {
        if (_database is not null) await _database.DisposeAsync();
    }

    protected override Task<SiloProcess> StartAsync(string name) =>
        SiloProcess.StartAsync(new SiloOptions { Name = $"{name}-timescale", Database = _database!.ConnectionString });
}
