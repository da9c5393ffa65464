namespace Tikr.Tests.EndToEnd.Crash;

/// <summary>
/// The power switch: the server is killed at random moments under load and started again, over and over on the same data.
/// TIKR_CRASH_ROUNDS sets the number of rounds and TIKR_CRASH_SEED repeats a run.
/// </summary>
public abstract class CrashLoopSuite
{
    private const long ReplayLag = 600 * WallClock.Second;
    private const int KeysPerProducer = 20;
    private static readonly int Rounds = TestSettings.Number("TIKR_CRASH_ROUNDS", 10);
    private static readonly int Seed = TestSettings.Seed("TIKR_CRASH_SEED");

    /// <summary>How a server on an empty store is started; its data outlive it.</summary>
    protected abstract Task<SiloOptions> OptionsAsync();

    /// <summary>What the store can say of itself besides: that it holds exactly these bars.</summary>
    protected virtual Task CheckStoreAsync(IReadOnlyCollection<MarketBar> expected, long fromNs, long toNs) => Task.CompletedTask;

    [Fact]
    public async Task Kill_at_any_moment_loses_no_acknowledged_tick_and_bends_no_bar()
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"TIKR_CRASH_SEED={Seed} TIKR_CRASH_ROUNDS={Rounds}");
        var random = new Random(Seed);
        var folder = Repository.NewFolder("crash");
        await using var silo = await SiloProcess.StartAsync((await OptionsAsync()) with { DataFolder = folder });
        var ledger = new CrashLedger();
        var begin = WallClock.LatestCompleteBucket;
        for (var round = 1; round <= Rounds; round++)
        {
            var context = $"round {round} of {Rounds}, TIKR_CRASH_SEED={Seed}";
            var from = WallClock.LatestCompleteBucket;
            await KillUnderLoadAsync(silo, ledger, random, round);
            await RestartAsync(silo, random);

            var to = WallClock.CurrentBucket + WallClock.Second;
            await ledger.CheckAsync(silo.Client, from, to, context);
            await ledger.CheckAsync(silo.Client, from - ReplayLag, to - ReplayLag, $"{context}, replayed ticks");
        }

        Assert.True(ledger.Acknowledged > Rounds,
            $"Only {ledger.Acknowledged} ticks were acknowledged in {Rounds} rounds: nothing was tested.");
        await ledger.CheckAsync(silo.Client, begin - ReplayLag, WallClock.NowNs, $"after all rounds, TIKR_CRASH_SEED={Seed}");
        await CheckStoreAsync(ledger.Bars, begin - ReplayLag, WallClock.CurrentBucket + WallClock.Second);
        TestContext.Current.TestOutputHelper?.WriteLine($"{ledger.Acknowledged} acknowledged ticks survived {Rounds} kills.");
        Directory.Delete(folder, recursive: true);
    }

    // Some keys are used in one round only: they get no further tick that could wake their last bar.
    private static async Task KillUnderLoadAsync(SiloProcess silo, CrashLedger ledger, Random random, int round)
    {
        Producer[] producers =
        [
            new(random.Next(), Keys("LIVE-A"), lagNs: 0),
            new(random.Next(), Keys("LIVE-B"), lagNs: 0),
            new(random.Next(), Keys($"ONCE-{round}"), lagNs: 0),
            new(random.Next(), Keys("REPLAY"), ReplayLag),
        ];
        var running = producers.Select(producer => Task.Run(() => producer.RunUntilRefusedAsync(silo.Client))).ToList();
        var moment = WallClock.NowNs + random.NextInt64(WallClock.Second / 10, 2 * WallClock.Second);
        await Eventually.ClockPassesAsync(moment);
        await silo.KillAsync();
        await Task.WhenAll(running).WaitAsync(TimeSpan.FromSeconds(30));
        foreach (var producer in producers) ledger.Add(producer);
    }

    // In one round of four the next power cut comes while the server is still recovering from the last.
    private static async Task RestartAsync(SiloProcess silo, Random random)
    {
        silo.Launch();
        if (random.Next(4) == 0)
        {
            await Eventually.ClockPassesAsync(WallClock.NowNs + random.NextInt64(2 * WallClock.Second));
            await silo.KillAsync();
            silo.Launch();
        }

        await silo.WaitUntilReadyAsync();
    }

    private static string[] Keys(string name) => Producer.Keys(name, KeysPerProducer);
}
