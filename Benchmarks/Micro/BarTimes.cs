using System.Globalization;

namespace Tikr.Benchmarks.Micro;

/// <summary>Nanoseconds, allocated bytes and payload bytes per bar of every way to write one, within seconds.</summary>
internal static class BarTimes
{
    private const int Batches = 200, Calls = 2_000;
    private const long WarmUpNs = 500_000_000;

    public static void Print()
    {
        var bench = new BarBenchmarks();
        Console.WriteLine("| per bar | CPU ns | allocated bytes | payload bytes |");
        Console.WriteLine("|---|---:|---:|---:|");
        Measure("generated protobuf classes", bench.Generated);
        Measure("by hand, without template", bench.WithoutTemplate);
        Measure("template, into a new array", bench.NewArray);
        Measure("template, into a reused buffer", bench.ReusedBuffer);
        Measure("JSON template, into a reused buffer", bench.JsonReusedBuffer);
        Measure("making the template of a key", bench.NewTemplate);
        Measure("reading a payload", bench.Read);
    }

    private static void Measure(string name, Func<int> work)
    {
        for (var start = CpuClock.Now(); CpuClock.Now() - start < WarmUpNs;) work();
        var best = double.MaxValue;
        for (var batch = 0; batch < Batches; batch++)
        {
            var start = CpuClock.Now();
            for (var i = 0; i < Calls; i++) work();
            best = Math.Min(best, (double)(CpuClock.Now() - start) / Calls);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Calls; i++) work();
        var allocated = (GC.GetAllocatedBytesForCurrentThread() - before) / Calls;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {name} | {best:0} | {allocated} | {work()} |"));
    }
}
