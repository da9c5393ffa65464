using Tikr.Contracts;

namespace Tikr.Silo.Demo;

/// <summary>
/// A made-up market: prices walk at random in 1/10,000, few symbols trade much and many little (Zipf), and trades arrive
/// independently of each other (Poisson).
/// </summary>
internal sealed class DemoMarket
{
    private static readonly (string Symbol, double Price)[] Listed =
    [
        ("SPY", 512.30), ("AAPL", 227.10), ("NVDA", 131.60), ("MSFT", 418.70),
            ("AMZN", 186.40), ("TSLA", 219.80), ("META", 576.20), ("AMD", 155.90),
        ("GOOG", 165.30), ("JPM", 222.40), ("BAC", 41.80), ("XOM", 119.70), ("IBM", 233.10), ("KO", 69.40), ("DIS", 95.60), ("INTC", 22.70),
        ("GE", 181.20), ("F", 11.10), ("T", 21.90), ("PFE", 28.60),
    ];

    private readonly Random _random;
    private readonly double _ticksPerSecond;
    private readonly double[] _cumulative;
    private readonly double[] _prices;
    private readonly uint[] _sequences;
    private double _next;

    /// <summary>Opens the market.</summary>
    /// <param name="random">Where chance comes from.</param>
    /// <param name="ticksPerSecond">Mean rate of all symbols together.</param>
    /// <param name="startNs">First moment, Unix nanoseconds.</param>
    public DemoMarket(Random random, double ticksPerSecond, long startNs)
    {
        (_random, _ticksPerSecond) = (random, ticksPerSecond);
        _prices = Array.ConvertAll(Listed, symbol => symbol.Price * 10_000);
        _sequences = new uint[Listed.Length];
        _cumulative = new double[Listed.Length];
        var sum = 0.0;
        for (var i = 0; i < Listed.Length; i++) _cumulative[i] = sum += 1.0 / (i + 1);
        StartNs = startNs;
        _next = Gap();
    }

    /// <summary>First moment, Unix nanoseconds.</summary>
    public long StartNs { get; }

    /// <summary>Number of symbols.</summary>
    public static int Symbols => Listed.Length;

    /// <summary>The trades since the last call, up to and without a moment.</summary>
    public IEnumerable<TickData> TradesUntil(long nowNs)
    {
        for (var time = StartNs + (long)_next; time < nowNs; time = StartNs + (long)_next)
        {
            yield return Trade(time);
            _next += Gap();
        }
    }

    private TickData Trade(long time)
    {
        var i = Pick();
        // About one basis point per trade, as a walk of logarithms: prices stay positive.
        _prices[i] *= Math.Exp(Normal() * 1e-4);
        var price = (long)Math.Round(_prices[i] / 100) * 100;
        return new TickData
        {
            TimestampNs = (ulong)time,
            Sequence = ++_sequences[i],
            Dimensions = { ["symbol"] = Listed[i].Symbol },
            Fields = { ["price"] = price, ["quantity"] = 100 * (1 + (long)(-Math.Log(1 - _random.NextDouble()) * 2)) },
        };
    }

    private int Pick()
    {
        var found = Array.BinarySearch(_cumulative, _random.NextDouble() * _cumulative[^1]);
        return found >= 0 ? found : ~found;
    }

    private double Gap() => -Math.Log(1 - _random.NextDouble()) / _ticksPerSecond * 1e9;

    private double Normal() => Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble());
}
