namespace Tikr.Tests.EndToEnd.Scenarios.MarketDay;

/// <summary>
/// A day of trades through a real server gives exactly the bars that one sorted pass gives, whatever the order of arrival.
/// </summary>
public abstract class MarketDaySuite
{
    private const long Grace = 200_000_000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    protected static readonly Market Day = Market.Load();

    [Fact]
    public async Task File_order_publishes_each_bar_once()
    {
        await using var silo = await StartAsync("day-in-order");
        var day = Day.RebasedToNow();

        await SendAllAsync(silo, day.Ticks);

        var bars = await silo.Client.HasExactlyAsync(day.Bars, Patience);
        Assert.All(bars, bar => Assert.Equal(0u, bar.Revision));
        Assert.Equal(day.Bars.Count, (await silo.MetricsAsync()).Sum("tikr_agg_bars_flushed_total"));
        await CheckStoreAsync(day.Bars);
    }

    [Fact]
    public async Task Shuffled_within_the_grace_publishes_each_bar_once()
    {
        await using var silo = await StartAsync("day-in-grace");
        var day = Day.RebasedToNow();
        var random = new Random(1);

        await SendAllAsync(silo, [.. day.Ticks.OrderBy(tick => tick.Time + random.NextInt64(Grace))]);

        var bars = await silo.Client.HasExactlyAsync(day.Bars, Patience);
        Assert.All(bars, bar => Assert.Equal(0u, bar.Revision));
        await CheckStoreAsync(day.Bars);
    }

    [Fact]
    public async Task Fully_shuffled_ticks_end_in_the_same_bars()
    {
        await using var silo = await StartAsync("day-shuffled");
        var day = Day.RebasedToNow();
        var ticks = day.Ticks.ToArray();
        new Random(2).Shuffle(ticks);

        await SendAllAsync(silo, ticks);

        await silo.Client.HasExactlyAsync(day.Bars, Patience);
        await CheckStoreAsync(day.Bars);
    }

    [Fact]
    public async Task Four_concurrent_streams_end_in_the_same_bars()
    {
        await using var silo = await StartAsync("day-four-streams");
        var day = Day.RebasedToNow();
        var parts = Enumerable.Range(0, 4).Select(stream => day.Ticks.Where((_, i) => i % 4 == stream).ToList()).ToList();

        var answers = await Task.WhenAll(parts.Select(part => silo.Client.SendAsync(part.ToRequests(perMessage: 500))));

        Assert.Equal((ulong)day.Ticks.Count, answers.Aggregate(0UL, (sum, answer) => sum + answer.TicksReceived));
        await silo.Client.HasExactlyAsync(day.Bars, Patience);
        await CheckStoreAsync(day.Bars);
    }

    [Fact]
    public async Task Replay_command_rebases_a_file_to_now()
    {
        await using var silo = await StartAsync("day-by-command");
        var folder = Repository.NewFolder("day");
        var file = Path.Combine(folder, "trades.csv");
        Day.WriteTrades(file);
        var before = WallClock.LatestCompleteBucket;

        using var replay = ProgramProcess.Start(
            "dotnet",
            [
                Repository.CliDll, "replay", file, "--series", Ingest.MarketSeries, "--address", silo.Address, "--rebase", "now",
                "--map", "timestamp_ns=timestamp", "--map", "symbol=dim:symbol",
                    "--map", "price=field:price", "--map", "quantity=field:quantity",
                "--map", "sequence=sequence",
            ]);
        var exitCode = await replay.WaitForExitAsync(TimeSpan.FromMinutes(2));

        Assert.True(exitCode == 0, replay.Output);
        Assert.Contains($"{Day.Ticks.Count}", replay.Output.Replace(",", "", StringComparison.Ordinal), StringComparison.Ordinal);
        await silo.Client.HasExactlyAsync(await ShiftAsReplayedAsync(silo, before), Patience);
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>A server on an empty store.</summary>
    protected abstract Task<SiloProcess> StartAsync(string name);

    /// <summary>What the store can say of itself besides: that it holds exactly these bars.</summary>
    protected virtual Task CheckStoreAsync(IReadOnlyCollection<MarketBar> expected) => Task.CompletedTask;

    private static async Task SendAllAsync(SiloProcess silo, IReadOnlyList<MarketTick> ticks)
    {
        var answer = await silo.Client.SendAsync(ticks.ToRequests());
        Assert.Equal((ulong)ticks.Count, answer.TicksReceived);
        Assert.Equal(0UL, answer.TicksRejected);
    }

    // The command chose the bucket: it is read from the last stored tick, and must be one that was the latest complete one while it ran.
    private static async Task<List<MarketBar>> ShiftAsReplayedAsync(SiloProcess silo, long before)
    {
        var after = WallClock.LatestCompleteBucket;
        var ticks = await silo.Client.TicksAsync(Ingest.MarketSeries, before, after + WallClock.Second);
        var bucket = WallClock.BucketOf((long)ticks.Max(tick => tick.TimestampNs));
        Assert.InRange(bucket, before, after);
        var shift = bucket - WallClock.BucketOf(Day.Ticks.Max(tick => tick.Time));
        return [.. Day.Bars.Select(bar => bar.Shifted(shift))];
    }
}
