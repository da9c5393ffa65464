using Tikr.Contracts;

namespace Tikr.Tests.Support.Processes;

/// <summary>A one-second bar of market_ticks.</summary>
public readonly record struct MarketBar(
    string Symbol, long Bucket, long Open, long High, long Low, long Close, long Volume, long Count, long First, long Last)
{
    /// <summary>A bar as it was read.</summary>
    public static MarketBar Of(BarData bar)
    {
        var count = bar.Metrics["tick_count"];
        if (count != (long)bar.TickCount || bar.Metrics.Count != 6)
            throw new InvalidDataException($"Count or metrics of the bar disagree: {bar}");
        return new MarketBar(
            bar.Dimensions["symbol"],
            (long)bar.BucketTs,
            bar.Metrics["open"],
            bar.Metrics["high"],
            bar.Metrics["low"],
            bar.Metrics["close"],
            bar.Metrics["volume"],
            count,
            (long)bar.FirstTimestamp,
            (long)bar.LastTimestamp);
    }

    /// <summary>
    /// The bars that one sorted pass gives: by (time, sequence), then in the order given. Written without any code of the server.
    /// </summary>
    public static List<MarketBar> AllOf(IEnumerable<MarketTick> ticks) =>
    [
        .. from tick in ticks
           group tick by (tick.Symbol, Bucket: WallClock.BucketOf(tick.Time)) into bucket
           let sorted = bucket.OrderBy(tick => tick.Time).ThenBy(tick => tick.Sequence).ToList()
           select new MarketBar(
               bucket.Key.Symbol,
               bucket.Key.Bucket,
               sorted[0].Price,
               sorted.Max(tick => tick.Price),
               sorted.Min(tick => tick.Price),
               sorted[^1].Price,
               sorted.Sum(tick => tick.Quantity),
               sorted.Count,
               sorted[0].Time,
               sorted[^1].Time),
    ];

    /// <summary>The same bar as if its ticks had come later by whole buckets.</summary>
    public MarketBar Shifted(long ns) => this with { Bucket = Bucket + ns, First = First + ns, Last = Last + ns };
}
