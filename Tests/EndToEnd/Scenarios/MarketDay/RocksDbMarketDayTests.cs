namespace Tikr.Tests.EndToEnd.Scenarios.MarketDay;

public sealed class RocksDbMarketDayTests : MarketDaySuite
{
    protected override Task<SiloProcess> StartAsync(string name) => SiloProcess.StartAsync(new SiloOptions { Name = name });
}
