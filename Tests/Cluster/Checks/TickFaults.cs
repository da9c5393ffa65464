namespace Tikr.Tests.Cluster.Checks;

/// <summary>How stored ticks differ from what producers know.</summary>
/// <param name="Stored">Stored ticks.</param>
/// <param name="Lost">Acknowledged ticks that are not stored.</param>
/// <param name="Invented">Stored ticks that were never sent.</param>
/// <param name="Doubled">Ticks stored more often than they were sent.</param>
/// <param name="Repeated">Ticks stored more than once because they were sent more than once: allowed, and counted.</param>
/// <param name="Example">One of the faults.</param>
internal sealed record TickFaults(int Stored, int Lost, int Invented, int Doubled, int Repeated, string Example)
{
    public bool AreNone => Lost + Invented + Doubled == 0;

    public static TickFaults Of(IReadOnlyCollection<MarketTick> stored, Load.LoadLedger ledger)
    {
        var (sent, times) = (ledger.Sent, stored.CountBy(tick => tick).ToDictionary());
        var lost = ledger.Acknowledged.Where(tick => !times.ContainsKey(tick)).ToList();
        var invented = times.Keys.Where(tick => !sent.ContainsKey(tick)).ToList();
        var doubled = times.Where(tick => sent.TryGetValue(tick.Key, out var sends) && tick.Value > sends).ToList();
        var example = lost.Count > 0 ? $"lost: {lost[0]}"
            : invented.Count > 0 ? $"never sent: {invented[0]}"
            : doubled.Count > 0 ? $"stored {doubled[0].Value} times: {doubled[0].Key}" : "";
        return new TickFaults(
            stored.Count, lost.Count, invented.Count, doubled.Count, times.Count(tick => tick.Value > 1) - doubled.Count, example);
    }
}
