namespace Tikr.Tests.Cluster.Load;

/// <summary>
/// All producers of a round: of every server plain streams and a feed over the same keys, real trades among them; two that retry elsewhere,
/// one with keys of this round only, which fall silent with it, and a replay.
/// </summary>
internal sealed class ClusterLoad : IAsyncDisposable
{
    /// <summary>How far behind the clock replayed ticks are.</summary>
    public const long ReplayLag = 5 * 3600 * WallClock.Second;

    private static readonly Lazy<Market> Trades = new(Market.Load);
    private readonly CancellationTokenSource _stop = new(), _abandon = new();
    private readonly Task _running;

    private ClusterLoad(IEnumerable<Producer> producers) => _running = Task.WhenAll(
        producers.Select(producer => Task.Run(() => producer.RunAsync(_stop.Token, _abandon.Token), CancellationToken.None)));

    /// <summary>Starts all producers.</summary>
    public static ClusterLoad Start(IReadOnlyList<ClusterServer> servers, LoadLedger ledger, Random random, int round)
    {
        var number = 0;
        var shared = Keys("SHARED", 40);
        List<Producer> producers = [];
        foreach (var server in servers)
        {
            Add(ProducerRules.Plain, [server], shared);
            Add(ProducerRules.Feed, [server], shared);
            Add(ProducerRules.Plain, [server], [], trades: Trades.Value.Ticks);
            Add(ProducerRules.Retrying, [server, .. servers.Where(other => other != server)], shared);
        }

        Add(ProducerRules.Plain, [servers[random.Next(servers.Count)]], Keys($"ONCE-{round}", 20));
        Add(ProducerRules.Plain, [servers[random.Next(servers.Count)]], Keys("REPLAY", 20), ReplayLag);
        return new ClusterLoad(producers);

        void Add(
            ProducerRules rules, IReadOnlyList<ClusterServer> to, string[] keys, long lag = 0, IReadOnlyList<MarketTick>? trades = null) =>
            producers.Add(new Producer(
                rules, to, new TickSource(++number, random.Next(), keys, trades ?? [], lag), ledger, random.Next()));
    }

    /// <summary>Sends nothing more and waits so long for answers that are due.</summary>
    public async Task StopAsync(TimeSpan patience)
    {
        await _stop.CancelAsync();
        _abandon.CancelAfter(patience);
        await _running;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(TimeSpan.Zero);
        _stop.Dispose();
        _abandon.Dispose();
    }

    private static string[] Keys(string name, int count) => [.. Enumerable.Range(0, count).Select(i => $"{name}-{i}")];
}
