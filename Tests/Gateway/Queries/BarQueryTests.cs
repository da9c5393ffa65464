using Tikr.Contracts;
using Tikr.Core.Rollup;
using Tikr.Tests.Gateway.Fakes;
using Tikr.Tests.Support.Processes;
using static Tikr.Tests.Gateway.Fakes.Market;

namespace Tikr.Tests.Gateway.Queries;

public sealed class BarQueryTests
{
    private static BarQuery All(bool open = false, uint limit = 0) =>
        new() { Series = "market_ticks", StartNs = 0, EndNs = 3600UL * (ulong)Second, IncludeOpen = open, Limit = limit };

    private static Bar BarAt(long second, long ticks = 1, int revision = 0, ulong present = 0b111) => new()
    {
        BucketStart = second * Second,
        FirstTimestamp = second * Second,
        LastTimestamp = (second * Second) + 5,
        TickCount = ticks,
        Values = [100 + second, 7, ticks],
        Present = present,
        Revision = revision,
    };

    [Fact]
    public async Task A_bar_crosses_with_everything_it_has()
    {
        await using var server = await GatewayServer.StartAsync();
        server.Store.Store(server.Store.Key("AAPL", "X"), BarAt(3, ticks: 4, revision: 2, present: 0b101));

        var bar = Assert.Single(await server.Client.Bars(All()));

        Assert.Equal("market_ticks", bar.Series);
        Assert.Equal(3UL * (ulong)Second, bar.BucketTs);
        Assert.Equal(new Dictionary<string, string> { ["symbol"] = "AAPL", ["venue"] = "X" }, bar.Dimensions);
        Assert.Equal(new Dictionary<string, long> { ["close"] = 103, ["trades"] = 4 }, bar.Metrics);
        Assert.Equal((3UL * (ulong)Second, (3UL * (ulong)Second) + 5, 4UL, 2U, false),
            (bar.FirstTimestamp, bar.LastTimestamp, bar.TickCount, bar.Revision, bar.Open));
    }

    [Fact]
    public async Task Bars_come_key_by_key_then_by_bucket_and_the_limit_is_over_all()
    {
        await using var server = await GatewayServer.StartAsync();
        server.Store.Store(server.Store.Key("MSFT", "X"), BarAt(1), BarAt(2));
        server.Store.Store(server.Store.Key("AAPL", "X"), BarAt(2), BarAt(1));

        var all = await server.Client.Bars(All());
        var some = await server.Client.Bars(All(limit: 3));

        Assert.Equal(["AAPL 1", "AAPL 2", "MSFT 1", "MSFT 2"], all.Select(Name));
        Assert.Equal(["AAPL 1", "AAPL 2", "MSFT 1"], some.Select(Name));

        static string Name(BarData bar) => $"{bar.Dimensions["symbol"]} {bar.BucketTs / (ulong)Second}";
    }

    [Fact]
    public async Task Open_bars_come_only_when_asked_for_and_each_bucket_once()
    {
        await using var server = await GatewayServer.StartAsync();
        var key = server.Store.Key("AAPL", "X");
        server.Store.Store(key, BarAt(1), BarAt(3, ticks: 5, revision: 1), BarAt(4, ticks: 5));
        server.OpenBars.ByKey[key.KeyId] = [BarAt(5), BarAt(4, ticks: 5), BarAt(3, ticks: 6), BarAt(0)];

        Assert.Equal([1, 3, 4], (await server.Client.Bars(All())).Select(bar => (int)(bar.BucketTs / (ulong)Second)));
        Assert.Equal(
            ["0 open 1 r0", "1 closed 1 r0", "3 open 6 r1", "4 closed 5 r0", "5 open 1 r0"],
            (await server.Client.Bars(All(open: true)))
                .Select(bar => $"{bar.BucketTs / (ulong)Second} {(bar.Open ? "open" : "closed")} {bar.TickCount} r{bar.Revision}"));
    }

    [Fact]
    public async Task An_hour_of_bars_arrives_whole()
    {
        await using var server = await GatewayServer.StartAsync();
        server.Store.Store(server.Store.Key("AAPL", "X"), [.. Enumerable.Range(0, 3600).Select(second => BarAt(second))]);

        var bars = await server.Client.Bars(All());

        Assert.Equal(Enumerable.Range(0, 3600).Select(second => (ulong)second * (ulong)Second), bars.Select(bar => bar.BucketTs));
        Assert.Equal(Enumerable.Range(100, 3600).Select(value => (long)value), bars.Select(bar => bar.Metrics["close"]));
    }
}
