using Tikr.Core.Dimensions;
using Tikr.Core.Rollup;
using Tikr.Core.Specs;

namespace Tikr.Benchmarks.KafkaRates;

/// <summary>Bars as those of specs/market_ticks.yaml: random walks, so that they compress as prices do.</summary>
internal sealed class Trades(int keys)
{
    public const string Topic = "bars";
    private const int Cents = 100;
    private readonly Random _random = new(7);
    private readonly long[] _prices = [.. Enumerable.Range(0, keys).Select(key => 50_000L + (key * 137L % 900_000))];

    public static SeriesModel Model { get; } = new(new SeriesSpec
    {
        Series = "market_ticks",
        Dimensions = [new DimensionSpec("symbol")],
        Metrics =
        [
            new MetricSpec("open", "price", FieldType.Int64, "first"),
            new MetricSpec("high", "price", FieldType.Int64, "max"),
            new MetricSpec("low", "price", FieldType.Int64, "min"),
            new MetricSpec("close", "price", FieldType.Int64, "last"),
            new MetricSpec("volume", "quantity", FieldType.UInt64, "sum"),
            new MetricSpec("tick_count", null, FieldType.UInt64, "count"),
        ],
        RollupNs = 1_000_000_000,
        RollupText = "1s",
        Kafka = new KafkaOutputSpec(Topic, "otlp", FailurePolicy.Spool),
    });

    /// <summary>The keys' dimensions.</summary>
    public InternedKey[] Keys { get; } =
        [.. Enumerable.Range(0, keys).Select(key => new InternedKey(Model, new DimensionSet(Model.Spec, [$"S{key:00000}"])))];

    /// <summary>The next bar of a key.</summary>
    /// <param name="key">From 0 on.</param>
    /// <param name="bucketNs">Where it starts.</param>
    public Bar Next(int key, long bucketNs)
    {
        var open = _prices[key];
        var close = Math.Max(Cents, open + (_random.Next(-5, 6) * Cents));
        _prices[key] = close;
        var (high, low) = (Math.Max(open, close) + (_random.Next(3) * Cents), Math.Min(open, close) - (_random.Next(3) * Cents));
        var ticks = _random.Next(1, 40);
        return new Bar
        {
            BucketStart = bucketNs,
            FirstTimestamp = bucketNs + _random.NextInt64(200_000_000),
            LastTimestamp = bucketNs + 800_000_000 + _random.NextInt64(200_000_000),
            TickCount = ticks,
            Values = [open, high, low, close, ticks * 100L, ticks],
            Present = 63,
        };
    }
}
