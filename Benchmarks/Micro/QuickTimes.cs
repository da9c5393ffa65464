using System.Diagnostics;

namespace Tikr.Benchmarks.Micro;

/// <summary>Nanoseconds per tick as the best and the median of many short batches: usable on a machine that others keep busy, within seconds.</summary>
internal static class QuickTimes
{
    public static void Print()
    {
        Console.WriteLine("                              best    median  ns/tick");
        foreach (var ticks in new[] { 1, 10, 16, 100, 256 })
        {
            var bench = new OneKeyBlocks { Ticks = ticks };
            bench.Setup();
            Measure($"one key, {ticks}: encode", ticks, bench.Encode);
            Measure($"one key, {ticks}: decode", ticks, bench.Decode);
            Measure($"one key, {ticks}: encode rows", ticks, bench.EncodeRows);
            Measure($"one key, {ticks}: decode rows", ticks, bench.DecodeRows);
        }

        foreach (var perKey in new[] { 1, 4, 12 })
        {
            var bench = new SharedBlocks { TicksPerKey = perKey };
            bench.Setup();
            Measure($"shared, {perKey} per key: encode", 256, bench.Encode);
            Measure($"shared, {perKey} per key: decode", 256, bench.DecodeAllKeys);
            Measure($"shared, 1 key of block, ns in all", 1, bench.DecodeOneKey);
        }
    }

    private static void Measure(string name, int ticks, Func<int> work)
    {
        var (best, median) = TimesOf(ticks, work);
        Console.WriteLine($"{name,-32} {best,6:F1}  {median,6:F1}");
    }

    /// <summary>Best and median time of a batch, in nanoseconds per unit of work.</summary>
    public static (double Best, double Median) TimesOf(int ticks, Func<int> work)
    {
        var rounds = Math.Max(16, 4096 / ticks);
        var times = new double[1000];
        for (var i = 0; i < 50_000 / rounds + 100; i++) work();
        for (var batch = 0; batch < times.Length; batch++)
        {
            var start = Stopwatch.GetTimestamp();
            for (var i = 0; i < rounds; i++) work();
            times[batch] = Stopwatch.GetElapsedTime(start).TotalNanoseconds / rounds / ticks;
        }

        Array.Sort(times);
        return (times[0], times[times.Length / 2]);
    }
}
