using Tikr.Contracts;

namespace Tikr.Tests.Support.Processes;

/// <summary>Compares a server's bars with expected ones.</summary>
public static class BarChecks
{
    private const int MostShown = 5;

    /// <summary>
    /// Waits until the server has exactly the expected bars of market_ticks between the first and the last of them, and returns them as
    /// read.
    /// </summary>
    /// <exception cref="TimeoutException">They are not there in time; the message has the differences.</exception>
    public static async Task<List<BarData>> HasExactlyAsync(
        this TikrClient client, IReadOnlyCollection<MarketBar> expected, TimeSpan timeout)
    {
        var (from, to) = (expected.Min(bar => bar.Bucket), expected.Max(bar => bar.Bucket) + WallClock.Second);
        List<BarData> actual = [];
        await Eventually.HoldsAsync($"exactly the {expected.Count} expected bars are stored", timeout, async () =>
        {
            actual = await client.BarsAsync(Ingest.MarketSeries, from, to).ConfigureAwait(false);
            return Difference(expected, actual);
        }).ConfigureAwait(false);
        return actual;
    }

    /// <summary>Null when the bars are exactly the expected ones, each once; otherwise what differs.</summary>
    public static string? Difference(IReadOnlyCollection<MarketBar> expected, IReadOnlyCollection<BarData> actual) =>
        Difference(expected, actual.Select(MarketBar.Of));

    /// <summary>The same of bars that were read another way.</summary>
    public static string? Difference(IReadOnlyCollection<MarketBar> expected, IEnumerable<MarketBar> actual)
    {
        var wanted = expected.ToDictionary(bar => (bar.Symbol, bar.Bucket));
        List<string> wrong = [];
        var exact = 0;
        foreach (var bar in actual)
        {
            if (!wanted.Remove((bar.Symbol, bar.Bucket), out var want)) wrong.Add($"unexpected or twice: {bar}");
            else if (want != bar) wrong.Add($"got {bar} instead of {want}");
            else exact++;
        }

        if (wrong.Count == 0 && wanted.Count == 0) return null;
        var shown = wrong.Concat(wanted.Values.Select(bar => $"missing: {bar}")).Take(MostShown);
        return $"{exact} exact, {wrong.Count} wrong, {wanted.Count} missing of {expected.Count}:\n{string.Join("\n", shown)}";
    }
}
