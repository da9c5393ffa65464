using System.Globalization;
using System.Text.Json;

namespace Tikr.LoadGenerator;

/// <summary>Several runs of each case as one table: medians, and the least and the most of the speeds.</summary>
internal static class Summary
{
    public static int Print(string file)
    {
        var runs = File.ReadLines(file).Select(line => JsonSerializer.Deserialize(line, LoadResultJson.Default.LoadResult)!).ToList();
        Console.WriteLine("| keys | distribution | streams | ticks/message | runs | M ticks/s (least - most) | server CPU s/M | client CPU s/M | server peak MB | ack p50 ms | ack p99 ms | bars | wrong or missing |");
        Console.WriteLine("|---:|---|---:|---:|---:|---|---:|---:|---:|---:|---:|---:|---:|");
        foreach (var cases in runs.GroupBy(run => (run.Keys, run.Distribution, run.Streams, run.TicksPerMessage)))
        {
            var speeds = cases.Select(run => run.TicksPerSecond / 1e6).ToList();
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {cases.Key.Keys} | {cases.Key.Distribution} | {cases.Key.Streams} | {cases.Key.TicksPerMessage} | {cases.Count()} | {Median(speeds):0.00} ({speeds.Min():0.00} - {speeds.Max():0.00}) | {Median(cases.Select(run => run.ServerCpuPerMillion)):0.00} | {Median(cases.Select(run => run.ClientCpuPerMillion)):0.00} | {Median(cases.Select(run => run.ServerPeakMegabytes)):0} | {Median(cases.Select(run => run.AckP50Ms)):0.0} | {Median(cases.Select(run => run.AckP99Ms)):0.0} | {cases.Sum(run => run.Bars?.Exact)} | {cases.Sum(run => run.Bars?.Wrong + run.Bars?.Missing + run.Bars?.Unexpected)} |"));
        }

        return runs.All(run => run.Holds) ? 0 : 1;
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
