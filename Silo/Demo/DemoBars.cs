using Grpc.Core;
using Tikr.Contracts;
using Tikr.Core.Time;

namespace Tikr.Silo.Demo;

/// <summary>Asks the server for new bars, as a dashboard would.</summary>
internal sealed class DemoBars(Contracts.Tikr.TikrClient client, TimeProvider time)
{
    private const ulong Second = 1_000_000_000;

    private readonly Dictionary<(string Symbol, ulong Bucket), BarData> _seen = [];
    private readonly ulong _from = (ulong)time.GetUnixNanoseconds() / Second * Second;

    /// <summary>Bars seen.</summary>
    public long Count => _seen.Count;

    /// <summary>Ticks in the bars seen.</summary>
    public long Ticks => _seen.Values.Sum(bar => (long)bar.TickCount);

    /// <summary>The latest bar of each symbol, by symbol.</summary>
    public SortedDictionary<string, BarData> Latest { get; } = new(StringComparer.Ordinal);

    /// <summary>Asks for the bars of the last seconds; returns those not seen before, by time.</summary>
    public async Task<List<BarData>> PollAsync(CancellationToken cancellation)
    {
        var now = (ulong)time.GetUnixNanoseconds();
        var query = new BarQuery { Series = DemoSetup.Series, StartNs = Math.Max(_from, now - (10 * Second)), EndNs = now + Second };
        using var call = client.QueryBars(query, cancellationToken: cancellation);
        List<BarData> fresh = [];
        await foreach (var bar in call.ResponseStream.ReadAllAsync(cancellation))
        {
            var symbol = bar.Dimensions["symbol"];
            var isNew = !_seen.ContainsKey((symbol, bar.BucketTs));
            _seen[(symbol, bar.BucketTs)] = bar;
            if (isNew) fresh.Add(bar);
            if (!Latest.TryGetValue(symbol, out var latest) || latest.BucketTs <= bar.BucketTs) Latest[symbol] = bar;
        }

        fresh.Sort((x, y) => x.BucketTs != y.BucketTs
            ? x.BucketTs.CompareTo(y.BucketTs) : string.CompareOrdinal(x.Dimensions["symbol"], y.Dimensions["symbol"]));
        return fresh;
    }
}
