using System.Diagnostics;

namespace Tikr.Benchmarks.KafkaRates;

/// <summary>What a run took.</summary>
/// <param name="Rate">Records per second.</param>
/// <param name="CpuMicroseconds">Processor time of this process for each.</param>
internal readonly record struct Measured(double Rate, double CpuMicroseconds)
{
    /// <summary>The median of each number by itself.</summary>
    public static Measured Median(List<Measured> all) =>
        new(all.Select(one => one.Rate).Order()
            .ElementAt(all.Count / 2), all.Select(one => one.CpuMicroseconds).Order().ElementAt(all.Count / 2));
}

/// <summary>Measures from its making on.</summary>
internal sealed class Clock
{
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly TimeSpan _cpu = Environment.CpuUsage.TotalTime;

    public Measured For(int records) =>
        new(records / _watch.Elapsed.TotalSeconds, (Environment.CpuUsage.TotalTime - _cpu).TotalMicroseconds / records);
}
