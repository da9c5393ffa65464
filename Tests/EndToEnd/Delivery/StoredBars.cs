namespace Tikr.Tests.EndToEnd.Delivery;

/// <summary>The bars that a server has stored, and every revision that it must have published of them.</summary>
internal sealed class StoredBars
{
    private const long Slice = 5 * WallClock.Second;

    /// <summary>As they are now.</summary>
    public List<MarketBar> Bars { get; } = [];

    /// <summary>Key, bucket and revision.</summary>
    public HashSet<(string Symbol, long Bucket, int Revision)> Identities { get; } = [];

    /// <summary>Reads those of market_ticks since then.</summary>
    public static async Task<StoredBars> ReadAsync(SiloProcess silo, long fromNs)
    {
        var stored = new StoredBars();
        for (var from = fromNs - Slice; from < WallClock.NowNs + Slice; from += Slice)
        {
            foreach (var bar in await silo.Client.BarsAsync(Ingest.MarketSeries, from, from + Slice))
            {
                var read = MarketBar.Of(bar);
                stored.Bars.Add(read);
                for (var revision = 0; revision <= (int)bar.Revision; revision++)
                    stored.Identities.Add((read.Symbol, read.Bucket, revision));
            }
        }

        return stored;
    }
}
