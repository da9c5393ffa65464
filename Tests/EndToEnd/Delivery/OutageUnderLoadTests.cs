using System.Globalization;

namespace Tikr.Tests.EndToEnd.Delivery;

/// <summary>
/// The brokers are away for some seconds (TIKR_OUTAGE_SECONDS) while a load generator sends as much as the server takes, over thousands of
/// keys and several streams, and checks every stored bar afterwards. Every revision of every stored bar is accounted for.
/// </summary>
public sealed class OutageUnderLoadTests
{
    // The mock keeps 5 MB of a topic partition.
    private const int Keys = 5_000, TopicPartitions = 64, BlockBound = 10_000;

    // One request is under way at a time, and holds at most 1 MB; bars take 500 bytes and more.
    private const int MostInOneRequest = 2_000;

    // A program that is started inherits the connections that the mock has accepted, and would hold them open while the mock is down.
    private const string WithoutOurSockets =
        "for fd in /proc/$$/fd/*; do n=${fd##*/}; [ $n -le 2 ] || eval \"exec $n>&-\"; done; exec \"$@\"";

    private static readonly int Seconds = int.Parse(
        Environment.GetEnvironmentVariable("TIKR_OUTAGE_SECONDS") ?? "5", CultureInfo.InvariantCulture);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120 + Seconds);

    [Fact]
    public async Task With_spool_every_revision_arrives_in_order()
    {
        await using var server = await StartAsync("spool");
        var outage = await RunAsync(server);
        var (bars, published) = (await StoredBars.ReadAsync(server.Silo, outage.FromNs), server.Read());
        outage.Report(bars, published);
        ArrivedAll(bars, published);
        Assert.Equal(0, await server.CountAsync("kafka_drops_total"));
    }

    [Fact]
    public async Task With_block_ingest_waits_memory_stays_and_every_revision_arrives_in_order()
    {
        await using var server = await StartAsync("block", ("TIKR_KAFKA_BLOCK_MAX_RECORDS", $"{BlockBound}"));
        var outage = await RunAsync(server);
        var (bars, published) = (await StoredBars.ReadAsync(server.Silo, outage.FromNs), server.Read());
        outage.Report(bars, published);
        Assert.True(outage.WasHeldUp, "Ingest was not held up.");
        Assert.InRange(outage.MostMegabytes, 0, outage.MegabytesBefore + 400);
        ArrivedAll(bars, published);
        Assert.Equal(0, await server.CountAsync("kafka_drops_total"));
    }

    [Fact]
    public async Task With_drop_the_counter_says_what_is_missing()
    {
        await using var server = await StartAsync("drop", ("TIKR_KAFKA_DROP_AFTER", "1s"));
        var outage = await RunAsync(server);
        var (bars, published) = (await StoredBars.ReadAsync(server.Silo, outage.FromNs), server.Read());
        outage.Report(bars, published);
        var (delivered, dropped) = (await server.CountAsync("kafka_writes_total"), await server.CountAsync("kafka_drops_total"));
        Assert.Equal(bars.Identities.Count, delivered + dropped);
        Assert.True(dropped > 0, "Nothing was dropped.");
        Assert.True(delivered > 0, "Nothing arrived.");
        Assert.Empty(published.Identities.Except(bars.Identities));

        // A record whose acknowledgement the outage took may be in its topic all the same: it counts as dropped, for nobody here can know.
        var missing = bars.Identities.Count - published.Identities.Count;
        TestContext.Current.TestOutputHelper?.WriteLine($"{dropped} dropped, {missing} missing");
        Assert.InRange(dropped - missing, 0, MostInOneRequest);
    }

    private static Task<KafkaServer> StartAsync(string policy, params (string Variable, string Value)[] settings) =>
        KafkaServer.StartAsync($"outage-{policy}", policy, topicPartitions: TopicPartitions, settings: settings);

    private static void ArrivedAll(StoredBars bars, PublishedBars published)
    {
        // What was received late closes by its streams' silence, which counts only while they are read; later buckets close by the clock.
        published.AreConsistent(mostBack: 10 * WallClock.Second);
        var missing = bars.Identities.Except(published.Identities).ToList();
        Assert.True(missing.Count == 0, $"{missing.Count} of {bars.Identities.Count} are missing, {string.Join(", ", missing.Take(3))}");
        Assert.Null(BarChecks.Difference(bars.Bars, published.Latest));
    }

    private static async Task<Outage> RunAsync(KafkaServer server)
    {
        var outage = new Outage(server);
        FormattableString target = $"{Repository.LoadGeneratorDll} --address {server.Silo.Address}";
        FormattableString flow = $"--keys {Keys} --uniform --streams 4 --warm-up 3 --seconds {Seconds + 5}";
        FormattableString checks = $"--no-probe --verify-timeout {Patience.TotalSeconds}";
        var arguments = string.Join(' ', Invariant(target), Invariant(flow), Invariant(checks)).Split(' ');
        using var load = ProgramProcess.Start("bash", ["-c", WithoutOurSockets, "bash", "dotnet", .. arguments]);
        await outage.WatchAsync(TimeSpan.FromSeconds(5), load);
        outage.Begin();
        await outage.WatchAsync(TimeSpan.FromSeconds(Seconds), load);
        await outage.EndAsync();
        await outage.CatchUpAsync(Keys, Patience);
        var code = await load.WaitForExitAsync(Patience);
        Assert.True(code == 0, load.Output);
        await server.IsDrainedAsync(Patience);
        outage.Note(load);
        return outage;
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
