namespace Tikr.Tests.Cluster.Checks;

/// <summary>How stored bars differ from those of the stored ticks.</summary>
/// <param name="Bars">Bars that there must be.</param>
/// <param name="Wrong">Bars that are others.</param>
/// <param name="Missing">Bars that are not there.</param>
/// <param name="Unexpected">Bars of no tick, or there twice.</param>
/// <param name="Example">One of them.</param>
internal sealed record BarFaults(int Bars, int Wrong, int Missing, int Unexpected, string Example)
{
    public bool AreNone => Wrong + Missing + Unexpected == 0;

    /// <summary>Compares bars with a naive fold of ticks.</summary>
    public static BarFaults Of(IReadOnlyCollection<MarketBar> expected, IEnumerable<StoredBar> stored)
    {
        var wanted = expected.ToDictionary(bar => (bar.Symbol, bar.Bucket));
        var (wrong, unexpected, example) = (0, 0, "");
        foreach (var (bar, revision) in stored)
        {
            if (!wanted.Remove((bar.Symbol, bar.Bucket), out var want))
            {
                unexpected++;
                example = $"unexpected or twice: {bar}";
            }
            else if (want != bar)
            {
                wrong++;
                example = $"got {bar} of revision {revision} instead of {want}";
            }
        }

        if (example.Length == 0 && wanted.Count > 0) example = $"missing: {wanted.Values.First()}";
        return new BarFaults(expected.Count, wrong, wanted.Count, unexpected, example);
    }
}
