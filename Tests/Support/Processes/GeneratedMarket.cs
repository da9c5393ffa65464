namespace Tikr.Tests.Support.Processes;

/// <summary>
/// A generated day like a real one: 16 hours, bursts and quiet seconds, millisecond times, many equal times told apart by sequence.
/// </summary>
internal static class GeneratedMarket
{
    private const int Trades = 120_000;
    private const long Millisecond = 1_000_000, Start = 1_381_132_800 * WallClock.Second, Length = 16 * 3600 * WallClock.Second;
    private static readonly string[] Symbols = ["AIG", "BAC", "IBM", "SPY"];

    public static Market Day(int seed)
    {
        var random = new Random(seed);
        var times = new long[Trades];
        for (var i = 0; i < Trades;)
        {
            var burst = Start + random.NextInt64(Length / Millisecond) * Millisecond;
            for (var length = random.Next(1, 12); length > 0 && i < Trades; length--)
                times[i++] = burst + (random.Next(0, 40) * Millisecond);
        }

        Array.Sort(times);
        var prices = Symbols.Select(_ => random.NextInt64(10_000, 200_000) * 100).ToArray();
        var sequences = new uint[Symbols.Length];
        var ticks = Array.ConvertAll(times, time =>
        {
            var symbol = Math.Min(random.Next(Symbols.Length + 2), Symbols.Length - 1);
            prices[symbol] += 100 * random.Next(-3, 4);
            return new MarketTick(Symbols[symbol], time, prices[symbol], random.Next(1, 50) * 100, ++sequences[symbol]);
        });
        return new Market($"generated with seed {seed}", ticks, MarketBar.AllOf(ticks));
    }
}
