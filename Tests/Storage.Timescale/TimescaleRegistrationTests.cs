using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Tikr.Core.Rollup;
using Tikr.Storage;
using Tikr.Storage.Timescale;

namespace Tikr.Tests.Storage.Timescale;

public sealed class TimescaleRegistrationTests
{
    [Fact]
    public async Task Registering_twice_is_registering_once_and_every_contract_is_there()
    {
        await using var provider = new ServiceCollection().AddLogging()
            .AddTikrTimescale(options => options.ConnectionString = "Host=elsewhere")
                .AddTikrTimescale(options => options.ConnectionString = TimescaleServer.SharedDatabase)
            .BuildServiceProvider();
        Assert.Single(provider.GetServices<ITickStore>());
        Assert.Equal(2, provider.GetServices<IHostedService>().Count());
        Type[] contracts =
        [
            typeof(ISeriesCatalog), typeof(IKeyStore), typeof(IBarStore),
                typeof(IReapable), typeof(IStoreStatistics), typeof(IStoreHealth),
        ];
        Assert.All(contracts, contract => Assert.NotNull(provider.GetService(contract)));
        Assert.Contains("ticks_bytes", provider.GetRequiredService<IStoreStatistics>().Read().Keys);
    }

    [Fact]
    public void All_wrong_settings_are_named_at_once_and_no_password_is()
    {
        using var provider = new ServiceCollection().AddLogging().AddTikrTimescale(options =>
        {
            options.ConnectionString = "Host=db;Pasword=secret";
            options.Schema = "pg_tikr";
            options.TicksTtl = TimeSpan.FromMinutes(30);
            options.BarsTtl = TimeSpan.FromHours(25);
            options.TicksMaxBytes = -1;
            options.OperationTimeout = TimeSpan.Zero;
        }).BuildServiceProvider();
        var e = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IOptions<TimescaleStoreOptions>>().Value);
        Assert.Equal(6, e.Failures.Count());
        Assert.Contains(e.Failures, f => f.Contains("storage.ticks.ttl is 00:30:00", StringComparison.Ordinal));
        Assert.DoesNotContain("secret", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Host=x;Prt=1", "has the keyword 'prt', which Npgsql does not know. Did you mean 'Port'?")]
    [InlineData("Host=x;Hots=y", "Did you mean 'Host'?")]
    [InlineData("Host=x;Usernam=y", "Did you mean 'Username'?")]
    [InlineData("Host=x;Password=a;secret=b", "Keyword number 3 of the connection string is none of Npgsql's")]
    [InlineData("Host=x;Port=secret", "value of 'port' is not one that Npgsql takes")]
    [InlineData("Port=1;Password=secret", "names no Host")]
    [InlineData("secret", "cannot be read")]
    [InlineData(" ", "is empty")]
    [InlineData("Host=x;Port=1;User Id=y;Pwd=secret;SSL Mode=Require", null)]
    public void A_wrong_connection_string_is_told_without_its_secrets(string text, string? problem)
    {
        var told = TimescaleConnection.ProblemOf(text);
        Assert.Equal(problem is null, told is null);
        Assert.Contains(problem ?? "", told ?? "", StringComparison.Ordinal);
        Assert.DoesNotContain("secret", told ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_can_be_done_before_the_catalog_is_open_and_no_message_holds_the_password()
    {
        await using var store = new TimescaleHarness { ConnectionString = TimescaleServer.SharedDatabase + ";Password=secret" };
        Assert.Throws<StoreUnavailableException>(() => store.Ticks.ReadAsync(
            new TickRead(new Series(1, Market.Model().WithFieldIds([1, 2])), [1], 0, 1), TestContext.Current.CancellationToken));
        Assert.DoesNotContain("secret", store.Inner.Database.Server, StringComparison.Ordinal);
    }
}
