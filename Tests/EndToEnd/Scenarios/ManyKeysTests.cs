using System.Globalization;

namespace Tikr.Tests.EndToEnd.Scenarios;

/// <summary>A key that has fallen idle costs no memory.</summary>
public sealed class ManyKeysTests
{
    /// <summary>Keys to send. CONTRIBUTING.md has the command for a million.</summary>
    private static readonly int Keys = int.Parse(
        Environment.GetEnvironmentVariable("TIKR_TEST_KEYS") ?? "100000", CultureInfo.InvariantCulture);

    /// <summary>Keys that were sent before: what every server needs is not counted.</summary>
    private const int Warm = 10_000;

    /// <summary>
    /// What fills with the ticks and bars of the keys and stays: RocksDB's write buffers and cache (128 and 64 MB), the young generation of
    /// two cores (64 MB). The keys themselves took 600 MB.
    /// </summary>
    private const double NotOfKeys = 256;

    [Fact]
    public async Task Memory_returns_near_its_start_once_many_keys_are_idle()
    {
        await using var silo = await SiloProcess.StartAsync(new SiloOptions
        {
            Name = "many-keys",
            // Arenas as in the image: how many holes RocksDB's buffers leave in more of them is a matter of luck.
            Environment = new Dictionary<string, string> { ["TIKR_INGEST_IDLE_KEY_TIMEOUT"] = "5s", ["MALLOC_ARENA_MAX"] = "2" },
        });
        await silo.Client.SendAsync(Ticks(0, Warm, "W"));
        var start = silo.Program.ResidentMegabytes;

        var answer = await silo.Client.SendAsync(Ticks(0, Keys, "K"));
        Assert.Equal((ulong)Keys, answer.TicksReceived);
        await Eventually.HoldsAsync("every key has its bar", TimeSpan.FromMinutes(2), async () =>
            (await silo.MetricsAsync()).Sum("tikr_agg_bars_flushed_total") is var bars && bars >= Keys + Warm ? null : $"{bars} bars");
        var loaded = silo.Program.ResidentMegabytes;

        var allowed = start + Math.Max(NotOfKeys, (loaded - start) / 4);
        Assert.True(loaded > allowed,
            $"{loaded:0} MB with {Keys} keys are no more than the {allowed:0} MB that are allowed without them: the test could not fail.");
        await Eventually.HoldsAsync($"memory is below {allowed:0} MB (start {start:0}, loaded {loaded:0})", TimeSpan.FromMinutes(2), () =>
        {
            var now = silo.Program.ResidentMegabytes;
            return Task.FromResult(now < allowed ? null : $"{now:0} MB");
        });
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{Keys} keys: start {start:0} MB, loaded {loaded:0} MB, idle {silo.Program.ResidentMegabytes:0} MB");
    }

    private static IEnumerable<IngestRequest> Ticks(int from, int to, string prefix) =>
        Enumerable.Range(from, to - from).Select(i => new MarketTick($"{prefix}{i}", WallClock.NowNs, 100, 1, 1)).ToRequests();
}
