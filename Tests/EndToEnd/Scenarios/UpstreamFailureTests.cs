namespace Tikr.Tests.EndToEnd.Scenarios;

/// <summary>Inputs on which the upstream server was measured to lose or misplace ticks.</summary>
public sealed class UpstreamFailureTests(SharedSilo shared) : IClassFixture<SharedSilo>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private SiloProcess Silo => shared.Silo;

    [Fact]
    public async Task Late_tick_revises_a_closed_bar_of_a_thousand_ticks()
    {
        var bucket = WallClock.CurrentBucket;
        var ticks = Enumerable.Range(0, 1000)
            .Select(i => new MarketTick("LATE", bucket + (i * 1000), 5_000_000 + (i * 100), 10, (uint)i + 1)).ToArray();
        await Silo.Client.SendAsync(ticks);
        var closed = await WaitForBarsAsync("LATE", MarketBar.AllOf(ticks));
        Assert.Equal(0u, closed[0].Revision);

        var late = new MarketTick("LATE", bucket + 500, 9_000_000, 7, 5000);
        await Silo.Client.SendAsync(late);

        var revised = await WaitForBarsAsync("LATE", MarketBar.AllOf([.. ticks, late]));
        Assert.Equal(1u, revised[0].Revision);
    }

    [Fact]
    public async Task Tick_that_steps_back_over_a_bucket_border_joins_its_own_bar()
    {
        var bucket = WallClock.LatestCompleteBucket - (5 * WallClock.Second);
        MarketTick[] ticks =
        [
            new("BACK", bucket + 900_000_000, 100, 1, 1),
            new("BACK", bucket + 1_100_000_000, 300, 2, 2),
            new("BACK", bucket + 950_000_000, 200, 4, 3),
        ];

        await Silo.Client.SendAsync(ticks.ToRequests(perMessage: 1));

        var bars = await WaitForBarsAsync("BACK", MarketBar.AllOf(ticks));
        Assert.Equal([2UL, 1UL], bars.Select(bar => bar.TickCount));
        Assert.All(bars, bar => Assert.Equal(0u, bar.Revision));
    }

    [Fact]
    public async Task Equal_times_are_ordered_by_sequence()
    {
        var time = WallClock.LatestCompleteBucket + 500;

        await Silo.Client.SendAsync(new MarketTick("EQUAL", time, 200, 1, 2), new MarketTick("EQUAL", time, 100, 1, 1));

        var bar = Assert.Single(
            await WaitForBarsAsync("EQUAL", MarketBar.AllOf([new("EQUAL", time, 100, 1, 1), new("EQUAL", time, 200, 1, 2)])));
        Assert.Equal(100, bar.Metrics["open"]);
        Assert.Equal(200, bar.Metrics["close"]);
    }

    [Fact]
    public async Task Symbol_that_falls_silent_gets_its_last_bar()
    {
        var tick = new MarketTick("SILENT", WallClock.NowNs, 1_234_500, 3, 1);
        await Silo.Client.SendAsync(tick);

        await WaitForBarsAsync("SILENT", MarketBar.AllOf([tick]));

        var delay = WallClock.NowNs - (WallClock.BucketOf(tick.Time) + WallClock.Second);
        Assert.True(delay < 3 * WallClock.Second, $"The bar was readable only {delay / 1e6:0} ms after its bucket's end.");
    }

    [Fact]
    public async Task Dimension_sets_built_to_collide_stay_apart()
    {
        var time = WallClock.LatestCompleteBucket + 1;
        var first = new TickData
        {
            TimestampNs = (ulong)time,
            Dimensions = { ["symbol"] = "AA\0venue=Y", ["venue"] = "Z" },
            Fields = { ["value"] = 1 }
        };
        var second = new TickData
        {
            TimestampNs = (ulong)time,
            Dimensions = { ["symbol"] = "AA", ["venue"] = "Y\0venue=Z" },
            Fields = { ["value"] = 2 }
        };

        await Silo.Client.SendAsync(TestSpecs.Collision, first, second);

        await Eventually.HoldsAsync("both keys have their own bar", Patience, async () =>
        {
            var bars = await Silo.Client.BarsAsync(TestSpecs.Collision, time - 1, time);
            var apart = bars.Count == 2
                && bars.Single(bar => bar.Dimensions.Equals(first.Dimensions)).Metrics["total"] == 1
                && bars.Single(bar => bar.Dimensions.Equals(second.Dimensions)).Metrics["total"] == 2;
            return apart ? null : string.Join("\n", bars);
        });
    }

    [Fact]
    public async Task Rollup_of_zero_starts_nothing()
    {
        var market = TestSpecs.All["market_ticks.yaml"].Replace("rollup: 1s", "rollup: 0s", StringComparison.Ordinal);
        var options = new SiloOptions { Name = "rollup-zero", Specs = new Dictionary<string, string> { ["market_ticks.yaml"] = market } };

        var (exitCode, output) = await SiloProcess.StartRefusedAsync(options, TimeSpan.FromSeconds(30));

        Assert.Equal(1, exitCode);
        Assert.Contains("market_ticks.yaml:", output, StringComparison.Ordinal);
        Assert.Contains("rollup", output, StringComparison.Ordinal);
        Assert.Contains("0s", output, StringComparison.Ordinal);
    }

    private async Task<List<BarData>> WaitForBarsAsync(string symbol, List<MarketBar> expected)
    {
        List<BarData> bars = [];
        await Eventually.HoldsAsync($"the bars of {symbol} are exact", Patience, async () =>
        {
            var (from, to) = (expected.Min(bar => bar.Bucket), expected.Max(bar => bar.Bucket) + WallClock.Second);
            bars = await Silo.Client.BarsAsync(Ingest.MarketSeries, from, to, new Dictionary<string, string> { ["symbol"] = symbol });
            return BarChecks.Difference(expected, bars);
        });
        return bars;
    }
}
