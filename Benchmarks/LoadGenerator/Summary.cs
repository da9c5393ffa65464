using System.Globalization;

namespace Tikr.LoadGenerator;

/// <summary>Runs of each case as one table: medians, and the least and the most of the speeds.</summary>
internal static class Summary
{
    private static readonly (string Name, string Format, Func<LoadResult, double> Read)[] Columns =
    [
        ("client CPU s/M", "0.00", run => run.ClientCpuPerMillion),
        ("server CPU s/M", "0.00", run => run.ServerCpuPerMillion),
        ("database CPU s/M", "0.00", run => run.DatabaseCpuPerMillion),
        ("alloc B/tick", "0.00", run => run.AllocatedPerTick),
        ("GC pause %", "0.0", run => run.PauseShare * 100),
        ("peak MB", "0", run => run.ServerPeakMegabytes),
        ("ack p50 ms", "0.0", run => run.AckP50Ms),
        ("ack p99 ms", "0.0", run => run.AckP99Ms),
        ("visible p50 ms", "0", run => run.VisibleP50Ms),
        ("visible p99 ms", "0", run => run.VisibleP99Ms),
        ("visible max ms", "0", run => run.VisibleMaxMs),
        ("ticks B/tick", "0.0", run => run.TickBytesPerTick),
        ("files B/tick", "0.0", run => run.FileBytesPerTick),
        ("between s", "0.00", run => run.BetweenSeconds),
    ];

    /// <summary>Prints what a file of results holds; 1 if a run failed.</summary>
    public static int Print(string file)
    {
        var runs = Read(file);
        Print(runs);
        return runs.All(run => run.Holds) ? 0 : 1;
    }

    /// <summary>A share of the median speed of the last case that ran as fast as possible, ticks per second.</summary>
    public static long RateOf(string file, double share) =>
        (long)(share * Median(Read(file).Where(run => run.Rate == 0).GroupBy(run => run.Case).Last().Select(run => run.TicksPerSecond)));

    /// <summary>Prints runs; what nobody measured has no column.</summary>
    public static void Print(IReadOnlyCollection<LoadResult> runs)
    {
        var columns = Columns.Where(column => runs.Any(run => double.IsFinite(column.Read(run)))).ToList();
        Console.WriteLine($"| case | series | keys | shares | streams | ticks/message | late | rate | runs | M ticks/s (least - "
            + $"most) |{string.Concat(columns.Select(column => $" {column.Name} |"))} bars exact | wrong | missing | revised |");
        Console.WriteLine(
            $"|---|---|---:|---|---:|---:|---:|---:|---:|---|{string.Concat(columns.Select(_ => "---:|"))}---:|---:|---:|---:|");
        foreach (var group in runs.GroupBy(run => run.Case))
        {
            List<double> speeds = [.. group.Select(run => run.TicksPerSecond / 1e6)];
            var spread = speeds.Count == 1
                ? "" : string.Create(CultureInfo.InvariantCulture, $" ({speeds.Min():0.00} - {speeds.Max():0.00})");
            var cells = columns.Select(column => $" {Text(Median(group.Select(column.Read)), column.Format)} |");
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{group.Key} {speeds.Count} | {Median(speeds):0.00}{spread} |{string.Concat(cells)} {Sum(bars => bars.Exact)} | "
                    + $"{Sum(bars => bars.Wrong + bars.Unexpected)} | {Sum(bars => bars.Missing)} | {Sum(bars => bars.Revised)} |"));

            long? Sum(Func<Verification, long> part) =>
                group.Any(run => run.Bars is not null) ? group.Sum(run => run.Bars is null ? 0 : part(run.Bars)) : null;
        }
    }

    private static string Text(double value, string format) =>
        double.IsFinite(value) ? value.ToString(format, CultureInfo.InvariantCulture) : "-";

    private static List<LoadResult> Read(string file) => [.. File.ReadLines(file).Where(line => line.Length > 0).Select(LoadResult.Parse)];

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Where(double.IsFinite).Order()];
        return sorted.Length == 0 ? double.NaN : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
