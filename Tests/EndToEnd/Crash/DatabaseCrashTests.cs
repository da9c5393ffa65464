namespace Tikr.Tests.EndToEnd.Crash;

/// <summary>
/// The power switch of the database: PostgreSQL is killed at random moments under load and started again, over and over, below a server
/// that goes on. TIKR_DATABASE_CRASH_ROUNDS sets the number of rounds.
/// </summary>
public sealed class DatabaseCrashTests
{
    private const int KeysPerProducer = 20;
    private const long ReplayLag = 600 * WallClock.Second;
    private static readonly int Rounds = TestSettings.Number("TIKR_DATABASE_CRASH_ROUNDS", 5);
    private static readonly int Seed = TestSettings.Seed("TIKR_CRASH_SEED");

    [Fact]
    public async Task Killing_the_database_under_load_loses_no_acknowledged_tick_and_doubles_no_bar()
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"TIKR_CRASH_SEED={Seed} TIKR_DATABASE_CRASH_ROUNDS={Rounds}");
        var random = new Random(Seed);
        await using var database = await TimescaleServer.StartPrivateAsync();
        var store = await database.CreateDatabaseAsync("tikr");
        await using var silo = await SiloProcess.StartAsync(new SiloOptions { Name = "database-crash", Database = store });
        var ledger = new CrashLedger();
        var begin = WallClock.LatestCompleteBucket;
        for (var round = 1; round <= Rounds; round++)
        {
            var from = WallClock.LatestCompleteBucket;
            await KillUnderLoadAsync(silo, database, ledger, random, round);

            var context = $"round {round} of {Rounds}, TIKR_CRASH_SEED={Seed}";
            var to = WallClock.CurrentBucket + WallClock.Second;
            await ledger.CheckAsync(silo.Client, from, to, context);
            await ledger.CheckAsync(silo.Client, from - ReplayLag, to - ReplayLag, $"{context}, replayed ticks");
        }

        Assert.False(silo.Program.HasExited, silo.Program.Output);
        Assert.True(ledger.Acknowledged > Rounds,
            $"Only {ledger.Acknowledged} ticks were acknowledged in {Rounds} rounds: nothing was tested.");
        await ledger.CheckAsync(silo.Client, begin - ReplayLag, WallClock.NowNs, $"after all rounds, TIKR_CRASH_SEED={Seed}");
        Assert.Null(await new MarketSql(store).DifferenceAsync(ledger.Bars, begin - ReplayLag, WallClock.CurrentBucket + WallClock.Second));
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{ledger.Acknowledged} acknowledged ticks survived {Rounds} kills of the database.");
    }

    private static async Task KillUnderLoadAsync(SiloProcess silo, PrivateServer database, CrashLedger ledger, Random random, int round)
    {
        Producer[] producers =
        [
            new(random.Next(), Producer.Keys($"LIVE-A-{round}", KeysPerProducer), lagNs: 0),
            new(random.Next(), Producer.Keys($"LIVE-B-{round}", KeysPerProducer), lagNs: 0),
            new(random.Next(), Producer.Keys($"REPLAY-{round}", KeysPerProducer), ReplayLag),
        ];
        using var stop = new ProducersEnd();
        var running = producers.Select(producer => Task.Run(() => producer.RunAsync(silo.Client, stop.Token))).ToList();
        await Eventually.ClockPassesAsync(WallClock.NowNs + random.NextInt64(WallClock.Second / 10, 2 * WallClock.Second));
        await database.KillAsync();
        await Eventually.HoldsAsync("/readyz tells that the database is away", TimeSpan.FromSeconds(30), async () =>
            await silo.ReadinessAsync() is var (ready, text) && !ready ? null : $"/readyz answers {text}");
        await Eventually.ClockPassesAsync(WallClock.NowNs + random.NextInt64(WallClock.Second));
        await database.RestartAsync();
        await silo.WaitUntilReadyAsync();

        // It takes ticks again by itself: at least one stream more of each producer is answered.
        var answered = producers.Select(producer => producer.Acknowledged.Count).ToArray();
        await Eventually.HoldsAsync("every producer is answered again", TimeSpan.FromSeconds(60), () => Task.FromResult(
            Enumerable.Range(0, producers.Length).All(i => producers[i].Acknowledged.Count > answered[i]) ? null : "some producers wait"));
        await stop.CancelAsync();
        await Task.WhenAll(running).WaitAsync(TimeSpan.FromSeconds(60));
        foreach (var producer in producers) ledger.Add(producer);
    }
}
