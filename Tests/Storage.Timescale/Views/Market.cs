using Tikr.Core.Dimensions;
using Tikr.Core.Rollup;
using Tikr.Core.Specs;
using Tikr.Core.Ticks;
using Tikr.Storage;

namespace Tikr.Tests.Storage.Timescale.Views;

/// <summary>A tick to be stored; null where it lacks a field.</summary>
internal sealed record Tick(uint Key, long Time, uint Sequence, params long?[] Fields);

/// <summary>Specs for the tests of the views.</summary>
internal static class Market
{
    public const long Second = 1_000_000_000;

    /// <summary>Every aggregate over a signed field (0) and an unsigned one (1).</summary>
    public static SeriesSpec Spec(string name, params string[] dimensions) => new()
    {
        Series = name,
        Dimensions = [.. dimensions.Select(d => new DimensionSpec(d))],
        Metrics =
        [
            new("open", "price", FieldType.Int64, "first"),
            new("high", "price", FieldType.Int64, "max"),
            new("low", "price", FieldType.Int64, "min"),
            new("close", "price", FieldType.Int64, "last", "USD", "Price of the last trade."),
            new("total", "price", FieldType.Int64, "sum"),
            new("first_size", "size", FieldType.UInt64, "first"),
            new("least_size", "size", FieldType.UInt64, "min"),
            new("most_size", "size", FieldType.UInt64, "max"),
            new("last_size", "size", FieldType.UInt64, "last"),
            new("volume", "size", FieldType.UInt64, "sum"),
            new("trades", null, FieldType.UInt64, "count"),
        ],
        RollupNs = Second,
        RollupText = "1s",
    };

    /// <summary>
    /// Ticks of several keys over some seconds: jumps, equal times, repeated sequences, absent fields, and the ends of the ranges of
    /// numbers.
    /// </summary>
    public static List<Tick> Random(int seed, uint[] keys, long from, int count, bool wild, bool sparse)
    {
        var random = new Random(seed);
        List<Tick> ticks = [];
        foreach (var key in keys)
        {
            var (time, price) = (from + random.Next(1000), 50_000L + random.Next(10_000));
            for (var i = 0; i < count; i++)
            {
                time += random.Next(4) == 0 ? 0 : random.NextInt64(120_000_000);
                price += 25 * random.Next(-4, 5);
                long? p = wild ? random.Next(5) switch { 0 => long.MinValue, 1 => long.MaxValue, 2 => 0, _ => price } : price;
                long? s = wild ? random.Next(5) switch { 0 => -1, 1 => long.MinValue, 2 => 0, _ => random.NextInt64() }
                    : random.Next(1, 500);
                if (sparse && random.Next(3) == 0) p = null;
                if (sparse && random.Next(3) == 0) s = null;
                ticks.Add(new Tick(key, time, random.Next(3) == 0 ? uint.MaxValue - (uint)random.Next(3) : (uint)i, p, s));
            }
        }

        return ticks;
    }

    /// <summary>The key with these values.</summary>
    public static async Task<uint> KeyAsync(this IKeyStore keys, Series series, params string[] values)
    {
        var key = new InternedKey(series.Model, new DimensionSet(series.Model.Spec, values));
        await keys.ResolveAsync(series, [key], default);
        return key.KeyId;
    }

    public static TickColumns Columns(SeriesModel model, IReadOnlyList<Tick> ticks)
    {
        var columns = model.NewColumns();
        columns.EnsureCapacity(ticks.Count);
        columns.Count = ticks.Count;
        for (var i = 0; i < ticks.Count; i++)
        {
            columns.Times[i] = ticks[i].Time;
            columns.Sequences[i] = ticks[i].Sequence;
            for (var f = 0; f < model.Fields.Length; f++)
            {
                columns.Fields[f][i] = ticks[i].Fields[f] ?? 0;
                if (columns.Present is { } present && ticks[i].Fields[f] is not null) present[i] |= 1UL << f;
            }
        }

        return columns;
    }
}
