using System.Collections.Immutable;
using Tikr.Core.Dimensions;
using Tikr.Core.Rollup;
using Tikr.Core.Specs;
using Tikr.Storage;

namespace Tikr.Tests.Support.Compliance;

/// <summary>Specs, keys and bars for the suites.</summary>
public static class Market
{
    public const long Second = 1_000_000_000;

    public static SeriesSpec Spec(string name = "trades", long maxKeys = 0) => new()
    {
        Series = name,
        Dimensions = [new("symbol"), new("venue")],
        Metrics =
        [
            new("open", "price", FieldType.Int64, "first"),
            new("close", "price", FieldType.Int64, "last"),
            new("volume", "size", FieldType.UInt64, "sum"),
            new("trades", null, FieldType.UInt64, "count"),
        ],
        RollupNs = Second,
        RollupText = "1s",
        MaxKeys = maxKeys,
    };

    public static SeriesModel Model(string name = "trades", long maxKeys = 0) => new(Spec(name, maxKeys));

    public static SeriesModel PlanWith(ImmutableArray<MetricSpec> metrics) => new(Spec() with { Metrics = metrics });

    public static InternedKey Key(Series series, params string[] values) =>
        new(series.Model, new DimensionSet(series.Model.Spec, values));

    public static async Task<uint> ResolveAsync(this IKeyStore keys, Series series, params string[] values)
    {
        var key = Key(series, values);
        await keys.ResolveAsync(series, [key], default);
        return key.KeyId;
    }

    public static Bar Bar(long bucket, long close, int metrics = 4) => new()
    {
        BucketStart = bucket,
        FirstTimestamp = bucket + 5,
        LastTimestamp = bucket + 900,
        TickCount = 7,
        Values = [.. Enumerable.Range(0, metrics).Select(i => close + i)],
        Present = (1UL << metrics) - 1,
    };

    /// <summary>Ticks of one key, evenly spaced.</summary>
    public static IEnumerable<TestTick> Run(uint key, long from, int count, long step, long price = 100) =>
        Enumerable.Range(0, count).Select(i => new TestTick(key, from + (i * step), (uint)i, price + i, i % 10));
}

/// <summary>A tick of the test series: fields price and size.</summary>
public readonly record struct TestTick(uint Key, long Time, uint Sequence, long Price, long Size);

/// <summary>A tick as a read returns it.</summary>
public readonly record struct ReadTick(uint Key, long Time, uint Sequence, long Price, long Size, FlushId Flush, uint Rank);
