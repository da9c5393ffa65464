using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Tikr.Storage;
using Tikr.Storage.RocksDb;

namespace Tikr.Tests.Storage.RocksDb;

public sealed class RegistrationTests
{
    [Fact]
    public async Task Registering_twice_is_registering_once_and_every_contract_is_there()
    {
        var folder = Directory.CreateTempSubdirectory("tikr-");
        await using (var provider = new ServiceCollection().AddLogging()
            .AddTikrRocksDb(options => options.DataDir = "elsewhere")
                .AddTikrRocksDb(options => options.DataDir = folder.FullName).BuildServiceProvider())
        {
            Assert.Single(provider.GetServices<ITickStore>());
            Assert.Single(provider.GetServices<IHostedService>());
            Type[] contracts = [typeof(ISeriesCatalog), typeof(IKeyStore),
                typeof(IBarStore), typeof(IReapable), typeof(IStoreStatistics), typeof(IStoreHealth)];
            Assert.All(contracts, contract => Assert.NotNull(provider.GetService(contract)));
            Assert.Null(provider.GetService<ITtlSupport>());
            Assert.Contains("ticks_bytes", provider.GetRequiredService<IStoreStatistics>().Read().Keys);
        }

        folder.Delete(recursive: true);
    }

    [Fact]
    public void All_wrong_settings_are_named_at_once()
    {
        using var provider = new ServiceCollection().AddLogging().AddTikrRocksDb(options =>
        {
            options.DataDir = " ";
            options.TicksTtl = TimeSpan.FromMinutes(30);
            options.BarsTtl = TimeSpan.FromHours(25);
            options.TicksMaxBytes = -1;
        }).BuildServiceProvider();
        var e = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IOptions<RocksDbStoreOptions>>().Value);
        Assert.Equal(4, e.Failures.Count());
        Assert.Contains(e.Failures, f => f.Contains("storage.ticks.ttl is 00:30:00", StringComparison.Ordinal));
    }
}
