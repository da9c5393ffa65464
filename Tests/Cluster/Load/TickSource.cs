namespace Tikr.Tests.Cluster.Load;

/// <summary>Ticks of one producer: no two are equal, also to those of other producers with the same keys.</summary>
/// <param name="number">The producer's, which its sequences begin with.</param>
/// <param name="seed">Makes prices and keys repeatable.</param>
/// <param name="keys">Keys of the generated ticks.</param>
/// <param name="trades">Trades of a real market, whose keys, prices and quantities follow each other; none for generated ticks.</param>
/// <param name="lagNs">How far behind the clock the ticks are: 0 is live, more is a replay.</param>
internal sealed class TickSource(int number, int seed, IReadOnlyList<string> keys, IReadOnlyList<MarketTick> trades, long lagNs = 0)
{
    private const int SequencesOfOne = 1 << 22;
    private readonly Random _random = new(seed);
    private readonly int _firstTrade = trades.Count == 0 ? 0 : new Random(seed).Next(trades.Count);
    private uint _sequence;

    /// <summary>As many ticks of now.</summary>
    public List<MarketTick> Next(int count)
    {
        var now = WallClock.NowNs - lagNs;
        return [.. Enumerable.Range(0, count).Select(i => Next(now + (i * 1000)))];
    }

    private MarketTick Next(long time)
    {
        var sequence = (uint)(number * SequencesOfOne) + ++_sequence;
        if (trades.Count > 0)
            return trades[(int)((_firstTrade + _sequence) % trades.Count)] with { Time = time, Sequence = sequence };
        return new MarketTick(keys[_random.Next(keys.Count)], time, 100 * _random.Next(1, 10_000), _random.Next(1, 100), sequence);
    }
}
