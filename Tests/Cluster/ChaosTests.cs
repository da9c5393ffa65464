using System.Diagnostics;
using System.Globalization;
using Tikr.Tests.Cluster.Checks;
using Tikr.Tests.Cluster.Events;

namespace Tikr.Tests.Cluster;

/// <summary>
/// Three servers on one database, and everything that can happen to them, in an order that TIKR_CHAOS_SEED repeats. TIKR_CHAOS_SECONDS or
/// TIKR_CHAOS_ROUNDS says for how long, TIKR_CHAOS_STOP_SECONDS how long a server hangs or is cut off, TIKR_CHAOS_EVENTS which events
/// (words of their names, separated by commas).
/// </summary>
public sealed class ChaosTests
{
    private static readonly int Seed = TestSettings.Seed("TIKR_CHAOS_SEED");
    private static readonly int Rounds = TestSettings.Number("TIKR_CHAOS_ROUNDS", int.MaxValue);
    private static readonly int Seconds = TestSettings.Number("TIKR_CHAOS_SECONDS", Rounds == int.MaxValue ? 60 : int.MaxValue);
    private static readonly TimeSpan StopTime = TimeSpan.FromSeconds(TestSettings.Number("TIKR_CHAOS_STOP_SECONDS", 15));

    // Run by hand until the engine keeps its promises with several servers: with one server each is kept.
    [Fact(Explicit = true)]
    public async Task Whatever_happens_to_servers_no_tick_is_lost_and_every_bar_is_exact()
    {
        Say($"TIKR_CHAOS_SEED={Seed}");
        var (random, started) = (new Random(Seed), Stopwatch.GetTimestamp());
        await using var cluster = await ServerCluster.StartAsync();
        using var published = new PublishedRevisions(cluster.Kafka.BootstrapServers, ServerCluster.Topic);
        List<RoundReport> reports = [];
        var deck = new EventDeck(StopTime, random);
        while (reports.Count < Rounds && Stopwatch.GetElapsedTime(started).TotalSeconds < Seconds)
        {
            var happening = deck.Next();
            var report = await new ChaosRound(cluster, published, random, reports.Count + 1).RunAsync(happening);
            reports.Add(report);
            Say(string.Create(CultureInfo.InvariantCulture, $"{Stopwatch.GetElapsedTime(started).TotalSeconds,5:0} s {report}"));
        }

        Say(Summary.Of(reports, published));
        var bad = reports.Where(report => !report.IsGood).ToList();
        Assert.True(bad.Count == 0,
            $"TIKR_CHAOS_SEED={Seed}: {bad.Count} of {reports.Count} rounds broke promises, the first is {bad.FirstOrDefault()}");
        Assert.Equal(0, published.Differing);
        // A round takes 20 to 30 s.
        Assert.True(reports.Count >= Math.Min(Rounds, Seconds / 60), $"Only {reports.Count} rounds in {Seconds} s: too little was tested.");
    }

    private static void Say(string line)
    {
        TestContext.Current.TestOutputHelper?.WriteLine(line);
        TestContext.Current.SendDiagnosticMessage(line);
    }
}
