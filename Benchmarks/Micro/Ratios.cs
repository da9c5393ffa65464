using System.Globalization;

namespace Tikr.Benchmarks.Micro;

/// <summary>The ratios that are watched: of the same classes that BenchmarkDotNet runs, in seconds instead of minutes.</summary>
internal static class Ratios
{
    /// <summary>Name of the ratio whose own time stands for pure decoding, where the server's CPU time is compared with it.</summary>
    public const string Decoding = "wire reader / generated parser, 1,000 keys";

    public static IReadOnlyList<Ratio> All { get; } =
    [
        Wire(Decoding, 1_000, bench => bench.Generated),
        Wire("wire reader / generated parser, 100,000 keys", 100_000, bench => bench.Generated),
        Wire("wire reader / System.Text.Json, 1,000 keys", 1_000, bench => bench.Json),
        Interner("interner / strings in a dictionary, 1,000 keys", 1_000),
        Interner("interner / strings in a dictionary, 100,000 keys", 100_000),
        Aggregates("aggregates / tick by tick, runs of 100", 100),
        Aggregates("aggregates / tick by tick, runs of 2", 2),
        Blocks("block encoding / varint rows, 256 ticks", bench => bench.Encode, bench => bench.EncodeRows),
        Blocks("block decoding / varint rows, 256 ticks", bench => bench.Decode, bench => bench.DecodeRows),
        new("bar as OTLP by template / generated classes", 1, () =>
        {
            var bench = new BarBenchmarks();
            return (bench.NewArray, bench.Generated, null);
        }),
        Store("store write / row per tick", StoreBenchmarks.Ticks, bench => bench.WriteBlocks, bench => bench.WriteRows),
        Store("store read / row per tick", StoreBenchmarks.ReadTicks, bench => bench.ReadBlocks, bench => bench.ReadRows),
    ];

    /// <summary>Measures and prints those whose name holds a text; returns name, ratio and our nanoseconds.</summary>
    public static List<(string Name, double Value, double OursNs)> Print(string text = "")
    {
        Console.WriteLine("| what / beside what | ours ns/tick | plain ns/tick | ratio |");
        Console.WriteLine("|---|---:|---:|---:|");
        List<(string, double, double)> measured = [];
        foreach (var ratio in All.Where(ratio => ratio.Name.Contains(text, StringComparison.Ordinal)))
        {
            var (ours, plain) = ratio.Measure();
            Console.WriteLine(
                string.Create(CultureInfo.InvariantCulture, $"| {ratio.Name} | {ours:0.0} | {plain:0.0} | {ours / plain:0.000} |"));
            measured.Add((ratio.Name, ours / plain, ours));
        }

        var size = BlockSizes.BytesBesideRows();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {BlockSizes.RatioName} | | | {size:0.000} |"));
        measured.Add((BlockSizes.RatioName, size, double.NaN));
        return measured;
    }

    private static Ratio Wire(string name, int keys, Func<WireBenchmarks, Func<int>> plain) => new(name, WireBenchmarks.Ticks, () =>
    {
        var bench = new WireBenchmarks { Keys = keys };
        bench.Setup();
        return (bench.Decode, plain(bench), null);
    });

    private static Ratio Interner(string name, int keys) => new(name, InternerBenchmarks.Lookups, () =>
    {
        var bench = new InternerBenchmarks { Keys = keys };
        bench.Setup();
        return (bench.RawBytes, bench.Strings, null);
    });

    private static Ratio Aggregates(string name, int runLength) => new(name, AggregateBenchmarks.Ticks, () =>
    {
        var bench = new AggregateBenchmarks { RunLength = runLength };
        bench.Setup();
        return (bench.Runs, bench.TickByTick, null);
    });

    private static Ratio Blocks(string name, Func<OneKeyBlocks, Func<int>> ours, Func<OneKeyBlocks, Func<int>> plain) =>
        new(name, 256, () =>
    {
        var bench = new OneKeyBlocks { Ticks = 256 };
        bench.Setup();
        return (ours(bench), plain(bench), null);
    });

    private static Ratio Store(string name, int ticks, Func<StoreBenchmarks, Func<int>> ours, Func<StoreBenchmarks, Func<int>> plain) =>
        new(name, ticks, () =>
    {
        var bench = new StoreBenchmarks();
        bench.Setup();
        return (ours(bench), plain(bench), bench);
    });
}
