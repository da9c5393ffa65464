using Tikr.Core.Rollup;
using Tikr.Core.Specs;
using Tikr.Core.Ticks;

namespace Tikr.Benchmarks.Micro;

/// <summary>
/// Ticks like a market's: exponential gaps in nanoseconds, prices as random walks in cents of 1/10,000, quantities mostly round lots.
/// </summary>
internal static class Market
{
    private const long Start = 1_700_000_000_000_000_000;

    public static readonly ushort[] FieldIds = [1, 2];

    public static SeriesModel Model() => new(new SeriesSpec
    {
        Series = "market_ticks",
        Dimensions = [new DimensionSpec("symbol")],
        Metrics = [new MetricSpec("close", "price", FieldType.Int64, "last"), new MetricSpec("volume", "quantity", FieldType.Int64, "sum")],
        RollupNs = 1_000_000_000,
        RollupText = "1s",
    });

    /// <summary>Ticks key by key, sorted, sequences consecutive per key.</summary>
    public static (TickColumns Columns, KeyRun[] Runs) Ticks(
        SeriesModel model, int[] counts, double meanGapNs, int seed = 7, long start = Start)
    {
        var random = new Random(seed);
        var columns = model.NewColumns();
        var runs = new KeyRun[counts.Length];
        for (var key = 0; key < counts.Length; key++)
        {
            runs[key] = new KeyRun((uint)(64 * (key + 1)), columns.Count, counts[key], 0);
            var time = start + (long)(random.NextDouble() * meanGapNs);
            var price = random.NextInt64(50_000, 5_000_000) / 100 * 100;
            var sequence = (uint)random.Next(1, 1 << 24);
            for (var i = 0; i < counts[key]; i++)
            {
                columns.EnsureCapacity(columns.Count + 1);
                time += 1 + (long)(-Math.Log(1 - random.NextDouble()) * meanGapNs);
                price = Math.Max(100, price + (random.Next(-3, 4) * 100));
                columns.Times[columns.Count] = time;
                columns.Sequences[columns.Count] = sequence++;
                columns.Fields[0][columns.Count] = price;
                columns.Fields[1][columns.Count] = random.Next(10) < 8 ? random.Next(1, 11) * 100 : random.Next(1, 1000);
                columns.Count++;
            }
        }

        return (columns, runs);
    }
}
