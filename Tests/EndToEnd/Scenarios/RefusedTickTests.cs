namespace Tikr.Tests.EndToEnd.Scenarios;

/// <summary>The bad-input table, ticks: each refused tick has a reason, its neighbours in the same message are kept.</summary>
public sealed class RefusedTickTests(SharedSilo shared) : IClassFixture<SharedSilo>
{
    private static readonly string Long = new('x', 10_000);

    public static TheoryData<string, string, string> Rows => new()
    {
        // what                              series             reason
        { "unknown series",                  "no_such_series",  "unknown_series" },
        { "empty series",                    "",                "unknown_series" },
        { "missing dimension",               "market_ticks",    "missing_dimension" },
        { "extra dimension",                 "market_ticks",    "unknown_dimension" },
        { "10 kB dimension value",           "market_ticks",    "dimension_too_long" },
        { "timestamp 0",                     "market_ticks",    "timestamp_out_of_range" },
        { "far past",                        "market_ticks",    "timestamp_out_of_range" },
        { "far future",                      "market_ticks",    "timestamp_out_of_range" },
        { "largest timestamp",               "market_ticks",    "timestamp_out_of_range" },
        { "missing field, reject",           TestSpecs.Strict,  "missing_field" },
        { "unknown field, reject",           TestSpecs.Strict,  "unknown_field" },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Bad_tick_is_refused_with_its_reason_and_its_neighbours_are_kept(string what, string series, string reason)
    {
        var bad = Bad(what, series);
        var symbol = $"NEAR-{what}";
        var good = new MarketTick(symbol, WallClock.LatestCompleteBucket, 100, 1, 1);

        var answer = await shared.Silo.Client.SendAsync(
            [
                new IngestRequest { Series = Ingest.MarketSeries, Ticks = { good.ToData() } },
                new IngestRequest { Series = series, Ticks = { bad } },
                new IngestRequest { Series = Ingest.MarketSeries, Ticks = { (good with { Price = 200, Sequence = 2 }).ToData() } },
            ]);

        Assert.Equal(2UL, answer.TicksReceived);
        Assert.Equal(1UL, answer.TicksRejected);
        Assert.Equal(new Rejection { Reason = reason, Ticks = 1 }, Assert.Single(answer.Rejections));
        var sample = Assert.Single(answer.Samples);
        Assert.Equal(reason, sample.Reason);
        Assert.NotEmpty(sample.Message);
        var stored = await shared.Silo.Client.TicksAsync(
            Ingest.MarketSeries, good.Time, good.Time + 1, new Dictionary<string, string> { ["symbol"] = symbol });
        Assert.Equal([100L, 200L], stored.Select(tick => tick.Fields["price"]));
    }

    [Fact]
    public async Task Empty_dimension_value_is_a_key_like_any_other()
    {
        var tick = new MarketTick("", WallClock.LatestCompleteBucket + 77, 100, 1, 1);

        var answer = await shared.Silo.Client.SendAsync(tick);

        Assert.Equal(1UL, answer.TicksReceived);
        var stored = await shared.Silo.Client.TicksAsync(
            Ingest.MarketSeries, tick.Time, tick.Time + 1, new Dictionary<string, string> { ["symbol"] = "" });
        Assert.Equal(tick, MarketTick.Of(Assert.Single(stored)));
    }

    [Fact]
    public async Task Unknown_field_is_ignored_and_counted_by_default()
    {
        var tick = new MarketTick("EXTRA", WallClock.LatestCompleteBucket, 100, 1, 1).ToData();
        tick.Fields["spread"] = 5;

        var answer = await shared.Silo.Client.SendAsync(Ingest.MarketSeries, tick);

        Assert.Equal(1UL, answer.TicksReceived);
        Assert.Equal(1UL, answer.UnknownFields);
    }

    [Fact]
    public async Task Missing_field_is_zero_and_counted_by_default()
    {
        var time = WallClock.LatestCompleteBucket;
        var tick = new TickData { TimestampNs = (ulong)time, Dimensions = { ["key"] = "zero" }, Fields = { ["s"] = 7 } };

        var answer = await shared.Silo.Client.SendAsync(TestSpecs.Extremes, tick);

        Assert.Equal((1UL, 1UL), (answer.TicksReceived, answer.ZeroFilledFields));
        var stored = await shared.Silo.Client.TicksAsync(
            TestSpecs.Extremes, time, time + 1, new Dictionary<string, string> { ["key"] = "zero" });
        Assert.Equal(0, Assert.Single(stored).Fields["u"]);
    }

    [Fact]
    public async Task Missing_field_is_rejected_by_the_shipped_specs()
    {
        var tick = new MarketTick("ZERO", WallClock.LatestCompleteBucket, 100, 1, 1).ToData();
        tick.Fields.Remove("quantity");

        var answer = await shared.Silo.Client.SendAsync(Ingest.MarketSeries, tick);

        Assert.Equal((0UL, 0UL, "missing_field"), (answer.TicksReceived, answer.ZeroFilledFields, Assert.Single(answer.Rejections).Reason));
    }

    private static TickData Bad(string what, string series)
    {
        var now = (ulong)WallClock.LatestCompleteBucket;
        var tick = series == TestSpecs.Strict
            ? new TickData { TimestampNs = now, Dimensions = { ["key"] = "k" }, Fields = { ["s"] = 1, ["u"] = 1 } }
            : new MarketTick("BAD", (long)now, 100, 1, 1).ToData();
        switch (what)
        {
            case "missing dimension": tick.Dimensions.Clear(); break;
            case "extra dimension": tick.Dimensions["venue"] = "X"; break;
            case "10 kB dimension value": tick.Dimensions["symbol"] = Long; break;
            case "timestamp 0": tick.TimestampNs = 0; break;
            case "far past": tick.TimestampNs = now - (30UL * 24 * 3600 * (ulong)WallClock.Second); break;
            case "far future": tick.TimestampNs = now + (3600UL * (ulong)WallClock.Second); break;
            case "largest timestamp": tick.TimestampNs = ulong.MaxValue; break;
            case "missing field, reject": tick.Fields.Remove("u"); break;
            case "unknown field, reject": tick.Fields["z"] = 1; break;
        }

        return tick;
    }
}
