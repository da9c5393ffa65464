using System.Globalization;
using CsCheck;
using Tikr.Core.Dimensions;
using Tikr.Core.Otlp;
using Tikr.Core.Rollup;
using Tikr.Core.Specs;

namespace Tikr.Tests.Core.Otlp;

/// <summary>Series, keys and bars to encode.</summary>
internal static class OtlpSeries
{
    public const long Second = 1_000_000_000, Time = 1_700_000_000 * Second;

    public static SeriesSpec Market { get; } = new()
    {
        Series = "market_ticks",
        Dimensions = [new DimensionSpec("symbol"), new DimensionSpec("exchange")],
        Metrics =
        [
            new MetricSpec("open", "price", FieldType.Int64, "first", null, "Price of the first trade"),
            new MetricSpec("high", "price", FieldType.Int64, "max"),
            new MetricSpec("balance", "price", FieldType.Int64, "sum", "USD"),
            new MetricSpec("volume", "quantity", FieldType.UInt64, "sum", "{share}", "Quantity traded"),
            new MetricSpec("largest", "quantity", FieldType.UInt64, "max"),
            new MetricSpec("trades", null, FieldType.UInt64, "count"),
        ],
        RollupNs = Second,
        RollupText = "1s",
    };

    public static SeriesSpec Without(this SeriesSpec spec, string aggregation) =>
        spec with { Metrics = [.. spec.Metrics.Where(metric => metric.Aggregation != aggregation)] };

    public static DimensionSet Key(this SeriesSpec spec, params string[] values) => new(spec, values);

    public static Bar NewBar(this SeriesSpec spec, params long[] values) => new()
    {
        BucketStart = Time,
        FirstTimestamp = Time + 1,
        LastTimestamp = Time + Second - 1,
        TickCount = 42,
        Values = values,
        Present = spec.Metrics.Length == 64 ? ulong.MaxValue : (1UL << spec.Metrics.Length) - 1,
    };

    public static PublishedBar ReadOne(byte[] payload)
    {
        Assert.True(BarPayload.TryRead(payload, out var bars, out var reason), reason);
        return Assert.Single(bars);
    }

    /// <summary>Everything of a bar that a consumer reads, as text.</summary>
    public static string Describe(this PublishedBar bar) => string.Create(
        CultureInfo.InvariantCulture,
        $"{bar.Series} {Pairs(bar.Dimensions)} [{bar.BucketStart},{bar.BucketEnd}) "
            + $"{bar.FirstTimestamp}..{bar.LastTimestamp} n={bar.TickCount} r={bar.Revision} {Pairs(bar.Metrics)}");

    /// <summary>What a consumer must read of a bar.</summary>
    public static string Expect(SeriesSpec spec, DimensionSet key, Bar bar, BarEncoding encoding)
    {
        var metrics = new Dictionary<string, Int128>(StringComparer.Ordinal);
        for (var i = 0; i < spec.Metrics.Length; i++)
        {
            var metric = spec.Metrics[i];
            if (!bar.Has(i) && metric.Aggregation != "count") continue;
            var isUnsigned = metric.Type.Unsigned && encoding != BarEncoding.OtlpResourceMetrics;
            metrics[metric.Name] = isUnsigned ? (ulong)bar.Values[i] : bar.Values[i];
        }

        if (encoding == BarEncoding.OtlpResourceMetrics || spec.Metrics.All(metric => metric.Aggregation != "count"))
            metrics.TryAdd("tick_count", bar.TickCount);
        return new PublishedBar
        {
            Series = spec.Series,
            Dimensions = spec.Dimensions.Select((dimension, i) => (dimension.Name, key.Values[i])).ToDictionary(),
            BucketStart = bar.BucketStart,
            BucketEnd = bar.BucketStart + spec.RollupNs,
            FirstTimestamp = bar.FirstTimestamp,
            LastTimestamp = bar.LastTimestamp,
            TickCount = bar.TickCount,
            Revision = bar.Revision,
            Metrics = metrics,
        }.Describe();
    }

    /// <summary>Series of every shape, with a key and a bar each.</summary>
    public static Gen<(SeriesSpec Spec, DimensionSet Key, Bar Bar)> AnyBar { get; } =
        from spec in AnySpec()
        from values in Gen.String[0, 40].Array[spec.Dimensions.Length]
        from bar in AnyBarOf(spec)
        select (spec, new DimensionSet(spec, [.. values.Select(WithoutHalves)]), bar);

    private static Gen<SeriesSpec> AnySpec()
    {
        var name = Gen.String[Gen.Char.AlphaNumeric, 1, 12];
        var metric = Gen.Select(
            Gen.OneOf<string>("first", "last", "min", "max", "sum", "count"), Gen.Bool, Gen.OneOf<OtlpKind?>(
                null, OtlpKind.Gauge, OtlpKind.Sum, OtlpKind.Counter), Gen.String[0, 20].Null(), Gen.Bool,
            (word, isUnsigned, otlp, description, unit) => new MetricSpec(
                "", word == "count" ? null : "field", new FieldType(isUnsigned), word, unit
                    ? "{unit}" : null, description is null ? null : WithoutHalves(description))
            {
                Otlp = otlp,
            });
        return Gen.Select(
            name, name.Array[0, 4], Gen.Select(name, metric).Array[1, 12], Gen.OneOf(1_000_000L, Second, 86_400 * Second), Gen.Bool,
            (series, dimensions, metrics, rollup, withTickCount) => new SeriesSpec
            {
                Series = series,
                Dimensions = [.. dimensions.Distinct().Select(dimension => new DimensionSpec(dimension))],
                Metrics =
                [
                    .. metrics.DistinctBy(pair => pair.Item1).Select(pair => pair.Item2 with { Name = pair.Item1 }),
                    .. withTickCount ? new[] { new MetricSpec("tick_count", null, FieldType.UInt64, "count") } : [],
                ],
                RollupNs = rollup,
                RollupText = "",
            });
    }

    private static Gen<Bar> AnyBarOf(SeriesSpec spec)
    {
        var value = Gen.OneOf(Gen.Long, Gen.Long[-1000, 1000], Gen.OneOf(long.MinValue, long.MaxValue, -1L, 0L));
        var time = Gen.OneOf(Gen.Long[0, 4_000_000_000 * Second], Gen.Long[0, 1000], Gen.Const(Time));
        return Gen.Select(
            value.Array[spec.Metrics.Length], Gen.ULong, time, Gen.Long[0, Second], Gen.OneOf(Gen.Long[1, 1000], Gen.Const(long.MaxValue)),
            Gen.OneOf(Gen.Const(0), Gen.Int[0, int.MaxValue], Gen.Int[0, 300]),
            (values, present, at, offset, ticks, revision) =>
            {
                var all = (1UL << spec.Metrics.Length) - 1;
                for (var i = 0; i < values.Length; i++)
                {
                    if (spec.Metrics[i].Aggregation != "count") continue;
                    present |= 1UL << i;
                    values[i] = ticks;
                }

                for (var i = 0; i < values.Length; i++) values[i] = (present >> i & 1) != 0 ? values[i] : 0;
                var bucket = at / spec.RollupNs * spec.RollupNs;
                return new Bar
                {
                    BucketStart = bucket,
                    FirstTimestamp = bucket + (offset / 2),
                    LastTimestamp = bucket + offset,
                    TickCount = ticks,
                    Values = values,
                    Present = present & all,
                    Revision = revision,
                };
            });
    }

    // Half a surrogate pair is no text; nothing on the wire can send one.
    private static string WithoutHalves(string text) => string.Concat(text.EnumerateRunes().Select(rune => rune.ToString()));

    private static string Pairs<T>(IEnumerable<KeyValuePair<string, T>> pairs) =>
        "{" + string.Join(", ", pairs.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}={pair.Value}")) + "}";
}
