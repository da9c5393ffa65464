namespace Tikr.Benchmarks.Micro;

/// <summary>Nanoseconds, allocated bytes and payload bytes per bar, within seconds.</summary>
internal static class BarTimes
{
    public static void Print()
    {
        var bench = new BarBenchmarks();
        Console.WriteLine("                              best    median  ns/bar   allocated   payload, bytes");
        Measure("generated classes", bench.Generated);
        Measure("by hand, without template", bench.WithoutTemplate);
        Measure("template, new array", bench.NewArray);
        Measure("template, reused buffer", bench.ReusedBuffer);
        Measure("json template, reused buffer", bench.JsonReusedBuffer);
        Measure("new template", bench.NewTemplate);
        Measure("read", bench.Read);
    }

    private static void Measure(string name, Func<int> work)
    {
        var (best, median) = QuickTimes.TimesOf(1, work);
        const int Rounds = 1000;
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Rounds; i++) work();
        var allocated = (GC.GetAllocatedBytesForCurrentThread() - before) / Rounds;
        Console.WriteLine($"{name,-32} {best,6:F1}  {median,6:F1}          {allocated,6}      {work(),6}");
    }
}
