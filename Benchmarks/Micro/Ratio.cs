namespace Tikr.Benchmarks.Micro;

/// <summary>A part of the data path beside a plain way to do the same.</summary>
/// <param name="Name">Stable name, as in expected-ratios.json.</param>
/// <param name="Ticks">Ticks that one call handles.</param>
/// <param name="Make">Sets both up.</param>
internal sealed record Ratio(string Name, int Ticks, Func<(Func<int> Ours, Func<int> Plain, IDisposable? Owner)> Make)
{
    private const int Batches = 40;
    private const long BatchNs = 4_000_000, WarmUpNs = 200_000_000;

    /// <summary>
    /// Nanoseconds of CPU per tick of both. The two take turns, batch by batch, and each counts by its best batch: what else runs on the
    /// machine hits both alike, and neither for long.
    /// </summary>
    public (double OursNs, double PlainNs) Measure()
    {
        var (ours, plain, owner) = Make();
        using (owner)
        {
            var (ourCalls, plainCalls) = (WarmUp(ours), WarmUp(plain));
            double ourBest = double.MaxValue, plainBest = double.MaxValue;
            for (var i = 0; i < Batches; i++)
            {
                ourBest = Math.Min(ourBest, Batch(ours, ourCalls));
                plainBest = Math.Min(plainBest, Batch(plain, plainCalls));
            }

            return (ourBest / Ticks, plainBest / Ticks);
        }
    }

    private static double Batch(Func<int> work, int calls)
    {
        var started = CpuClock.Now();
        for (var i = 0; i < calls; i++) work();
        return (double)(CpuClock.Now() - started) / calls;
    }

    // Until the compiler is done with it; then as many calls as fill a batch.
    private static int WarmUp(Func<int> work)
    {
        var (started, calls) = (CpuClock.Now(), 0);
        long elapsed;
        do
        {
            work();
            calls++;
            elapsed = CpuClock.Now() - started;
        }
        while (elapsed < WarmUpNs);
        return (int)Math.Max(1, BatchNs / Math.Max(1, elapsed / calls));
    }
}
