namespace Tikr.Tests.EndToEnd.Crash;

/// <summary>What the producers know, compared with what the server holds.</summary>
internal sealed class CrashLedger
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly HashSet<MarketTick> _acknowledged = [];
    private readonly HashSet<MarketTick> _sent = [];

    public int Acknowledged => _acknowledged.Count;

    /// <summary>The bars of the ticks that were stored at the last check.</summary>
    public IReadOnlyCollection<MarketBar> Bars { get; private set; } = [];

    public void Add(Producer producer)
    {
        _acknowledged.UnionWith(producer.Acknowledged);
        _sent.UnionWith(producer.Sent);
    }

    /// <summary>Checks every tick and bar whose time is in the range.</summary>
    /// <param name="client">The server's.</param>
    /// <param name="fromNs">First time.</param>
    /// <param name="toNs">Time after the last.</param>
    /// <param name="context">Said when something is wrong.</param>
    /// <param name="others">Ticks that others than the producers have sent, which may be stored or not.</param>
    public async Task CheckAsync(TikrClient client, long fromNs, long toNs, string context, params MarketTick[] others)
    {
        _sent.UnionWith(others);
        var stored = (await client.TicksAsync(Ingest.MarketSeries, fromNs, toNs)).ConvertAll(MarketTick.Of);
        var distinct = stored.ToHashSet();
        Assert.True(distinct.Count == stored.Count, $"{context}: {stored.Count - distinct.Count} ticks are stored twice.");
        var lost = _acknowledged.Where(tick => tick.Time >= fromNs && tick.Time < toNs && !distinct.Contains(tick)).ToList();
        Assert.True(lost.Count == 0, $"{context}: {lost.Count} acknowledged ticks are lost, the first is {lost.FirstOrDefault()}.");
        var invented = distinct.Where(tick => !_sent.Contains(tick)).ToList();
        Assert.True(invented.Count == 0,
            $"{context}: {invented.Count} stored ticks were never sent, the first is {invented.FirstOrDefault()}.");

        var expected = MarketBar.AllOf(stored);
        Bars = expected;
        await Eventually.HoldsAsync($"{context}: every bar is the one of the stored ticks", Patience, async () =>
            BarChecks.Difference(expected, await client.BarsAsync(Ingest.MarketSeries, fromNs, toNs)));
    }
}
