namespace Tikr.Tests.EndToEnd.Scenarios;

/// <summary>The bad-input table, values: every bit of int64 and uint64 survives from ingest to bar.</summary>
public sealed class ExtremeValueTests(SharedSilo shared) : IClassFixture<SharedSilo>
{
    private static readonly long[] Signed = [long.MinValue, -1, 0, 1, long.MaxValue, long.MinValue + 1];
    private static readonly ulong[] Unsigned = [ulong.MaxValue, 0, 1UL << 63, (1UL << 63) + 1, 1, ulong.MaxValue - 1];

    [Fact]
    public async Task Extremes_in_one_block_are_read_back_exactly()
    {
        var ticks = Ticks("block", Signed, Unsigned);
        await shared.Silo.Client.SendAsync(TestSpecs.Extremes, ticks);

        var stored = await shared.Silo.Client.TicksAsync(
            TestSpecs.Extremes, (long)ticks[0].TimestampNs, (long)ticks[^1].TimestampNs + 1, Key("block"));

        Assert.Equal(Signed, stored.Select(tick => tick.Fields["s"]));
        Assert.Equal(Unsigned, stored.Select(tick => unchecked((ulong)tick.Fields["u"])));
    }

    [Fact]
    public async Task Extremes_roll_up_by_their_own_type()
    {
        var bar = await BarAsync(TestSpecs.Extremes, "roll", Signed, Unsigned);

        Assert.Equal(long.MinValue, bar.Metrics["s_first"]);
        Assert.Equal(long.MinValue + 1, bar.Metrics["s_last"]);
        Assert.Equal(long.MinValue, bar.Metrics["s_min"]);
        Assert.Equal(long.MaxValue, bar.Metrics["s_max"]);
        Assert.Equal(long.MinValue, bar.Metrics["s_sum"]);
        Assert.Equal(0, bar.Metrics["u_min"]);
        Assert.Equal(ulong.MaxValue, unchecked((ulong)bar.Metrics["u_max"]));
        Assert.Equal(ulong.MaxValue, unchecked((ulong)bar.Metrics["u_sum"]));
    }

    [Fact]
    public async Task Sum_that_leaves_the_range_and_comes_back_is_exact()
    {
        var bar = await BarAsync(
            TestSpecs.Extremes, "back", [long.MaxValue, long.MaxValue, long.MinValue, long.MinValue, 12], [1, 2, 3, 4, 5]);

        Assert.Equal(10, bar.Metrics["s_sum"]);
        Assert.Equal(15, bar.Metrics["u_sum"]);
    }

    [Fact]
    public async Task Sum_overflow_is_omitted_where_the_spec_says_so()
    {
        var bar = await BarAsync(TestSpecs.Omitting, "omit", [long.MaxValue, 1], [ulong.MaxValue, 1]);

        Assert.False(bar.Metrics.ContainsKey("s_sum"));
        Assert.False(bar.Metrics.ContainsKey("u_sum"));
        Assert.Equal(long.MaxValue, bar.Metrics["s_max"]);
    }

    [Fact]
    public async Task Metric_without_input_is_absent_where_missing_fields_are_skipped()
    {
        var time = WallClock.LatestCompleteBucket;
        var tick = new TickData { TimestampNs = (ulong)time, Dimensions = { ["key"] = "skip" }, Fields = { ["s"] = -5 } };
        await shared.Silo.Client.SendAsync(TestSpecs.Skipping, tick);

        var bar = await WaitForBarAsync(TestSpecs.Skipping, "skip", time, 1);

        Assert.Equal(-5, bar.Metrics["s_sum"]);
        Assert.DoesNotContain("u_sum", bar.Metrics.Keys);
        Assert.DoesNotContain("u_min", bar.Metrics.Keys);
    }

    private async Task<BarData> BarAsync(string series, string key, long[] signed, ulong[] unsigned)
    {
        var ticks = Ticks(key, signed, unsigned);
        var answer = await shared.Silo.Client.SendAsync(series, ticks);
        Assert.Equal((ulong)ticks.Length, answer.TicksReceived);
        return await WaitForBarAsync(series, key, (long)ticks[0].TimestampNs, ticks.Length);
    }

    private async Task<BarData> WaitForBarAsync(string series, string key, long bucket, int ticks)
    {
        List<BarData> bars = [];
        await Eventually.HoldsAsync($"the bar of {key} holds {ticks} ticks", TimeSpan.FromSeconds(10), async () =>
        {
            bars = await shared.Silo.Client.BarsAsync(series, bucket, bucket + WallClock.Second, Key(key));
            return bars.Count == 1 && bars[0].TickCount == (ulong)ticks ? null : string.Join("\n", bars);
        });
        return bars[0];
    }

    private static TickData[] Ticks(string key, long[] signed, ulong[] unsigned)
    {
        var bucket = (ulong)WallClock.LatestCompleteBucket;
        return
        [
            .. signed.Select((value, i) => new TickData
            {
                TimestampNs = bucket + (ulong)i,
                Dimensions = { ["key"] = key },
                Fields = { ["s"] = value, ["u"] = unchecked((long)unsigned[i]) },
                Sequence = (uint)i,
            }),
        ];
    }

    private static Dictionary<string, string> Key(string value) => new() { ["key"] = value };
}
