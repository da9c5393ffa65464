using System.Diagnostics;
using Tikr.Tests.Cluster.Checks;
using Tikr.Tests.Cluster.Events;
using Tikr.Tests.Cluster.Load;

namespace Tikr.Tests.Cluster;

/// <summary>One round: load, an event, the check while it lasts, its end, and the check of everything.</summary>
internal sealed class ChaosRound(ServerCluster cluster, PublishedRevisions published, Random random, int number)
{
    // Checks go on for so long to tell how long healing takes where it takes too long.
    private static readonly TimeSpan HealLimit = TimeSpan.FromSeconds(45), Patience = TimeSpan.FromSeconds(5);
    private readonly StoredMarket _market = new(cluster.Store);
    private readonly LoadLedger _ledger = new();
    private readonly long _fromNs = WallClock.CurrentBucket;

    private RoundWindow Window => new(_fromNs, WallClock.CurrentBucket + WallClock.Second);

    public async Task<RoundReport> RunAsync(ClusterEvent happening)
    {
        var servers = cluster.UsualServers;
        await using var load = ClusterLoad.Start(servers, _ledger, random, number);
        await PassAsync(1, 3);
        var beganNs = WallClock.NowNs;
        var (began, stays) = (Stopwatch.GetTimestamp(), happening.StaysFor);
        await happening.BeginAsync(cluster, random);
        var isSilent = stays == TimeSpan.Zero && random.Next(2) == 0;
        if (!isSilent) await PassAsync(3, 6);
        var unconcerned = servers.Where(server => server.IsLiving && server != happening.Concerned)
            .Select(server => server.Name).ToHashSet();
        await load.StopAsync(Patience);
        var (unhealed, healed) = await HealAsync(HealLimit);
        await Eventually.HoldsAsync("the event has lasted", HealLimit + stays, () =>
            Task.FromResult(Stopwatch.GetElapsedTime(began) >= stays ? null : "not yet"));
        await happening.EndAsync(cluster);
        await cluster.RestoreAsync();

        var (bars, _) = await HealAsync(HealLimit);
        var stored = await _market.BarsAsync(Window);
        return new RoundReport(
            number, happening.Name, _ledger.Acknowledged.Count, TickFaults.Of(await _market.TicksAsync(Window), _ledger), unhealed, bars,
            healed, stored.Count(bar => bar.Revision > 0), isSilent ? null : AnswersOf(unconcerned, beganNs), await HolesAsync(stored));
    }

    /// <summary>Waits until bars are those of the stored ticks; how they are then, and how long it took.</summary>
    private async Task<(BarFaults Faults, TimeSpan? Healed)> HealAsync(TimeSpan limit)
    {
        var started = Stopwatch.GetTimestamp();
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(250));
        while (true)
        {
            // Bars first: what is stored meanwhile may lack its bar, and the next look will tell.
            var expected = MarketBar.AllOf(await _market.TicksAsync(Window));
            BarFaults faults;
            TimeSpan took;
            do
            {
                faults = BarFaults.Of(expected, await _market.BarsAsync(Window));
                took = Stopwatch.GetElapsedTime(started);
                if (!faults.AreNone) await pause.WaitForNextTickAsync();
            }
            while (!faults.AreNone && took < limit && faults.Unexpected + faults.Wrong == 0);

            if (faults.AreNone) return (faults, took);
            if (took >= limit) return (faults, null);
        }
    }

    private async Task<int> HolesAsync(List<StoredBar> stored)
    {
        var holes = 0;
        try
        {
            await Eventually.HoldsAsync("everything is published", HealLimit, async () =>
            {
                if (await _market.WaitingAsync() is > 0 and var waiting) return $"{waiting} wait";
                published.Read();
                holes = published.HolesOf(stored);
                return holes == 0 ? null : $"{holes} revisions are missing";
            });
        }
        catch (TimeoutException)
        {
            published.Read();
            holes = published.HolesOf(stored);
        }

        return holes;
    }

    private TimeSpan? AnswersOf(HashSet<string> servers, long sinceNs)
    {
        var took = _ledger.Answers.Where(answer => answer.AtNs >= sinceNs && servers.Contains(answer.Server))
            .Select(answer => answer.Took).Order().ToList();
        return took.Count == 0 ? null : took[(int)(took.Count * 0.99)];
    }

    private Task PassAsync(int fewestSeconds, int mostSeconds) => Eventually.ClockPassesAsync(
        WallClock.NowNs + random.NextInt64(fewestSeconds * WallClock.Second, mostSeconds * WallClock.Second));
}
