using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Tikr.Core.Rollup;
using Tikr.Core.Time;
using Tikr.Grains;
using Tikr.Grains.Metrics;
using Tikr.Grains.Writing;
using Tikr.Storage;
using Tikr.Tests.Support;

namespace Tikr.Tests.GrainTests;

public sealed class BarWriterTests
{
    private const int Bars = 20_000;

    [Fact]
    public async Task A_store_that_is_too_slow_for_a_large_group_gets_smaller_ones_until_all_is_written()
    {
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var stop = TestContext.Current.CancellationToken;
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddSeconds(1_000_000));
        var store = new MemoryStore(null, time);
        var series = (await store.OpenAsync([TestSeries.Plan()], stop))[0];
        var sizes = new List<int>();
        store.Faults.OnWrite = writes =>
        {
            sizes.Add(writes.Count);
            return writes.Count > 1_000 ? Fault.NotDone : Fault.None;
        };
        var stored = 0;
        store.Faults.OnStored = (_, _, _) => stored++;
        using var written = new CountdownEvent(Bars);
        await using var writer = new BarWriter(
            store, new GrainMetrics(services.GetRequiredService<IMeterFactory>()), time, new TikrGrainOptions { RetryDelay = TimeSpan.Zero },
            NullLogger<BarWriter>.Instance);

        for (var i = 1; i <= Bars; i++) writer.Enqueue(new Item(writer, written, new BarWrite(series, (uint)i, BarOf(series.Plan, time.GetUnixNanoseconds()), -1)));

        Assert.True(await Task.Run(() => written.Wait(TimeSpan.FromSeconds(60), stop), stop));
        Assert.Equal(Bars, stored);
        Assert.Contains(sizes, size => size > 1_000);
    }

    private static Bar BarOf(SeriesPlan plan, long start) =>
        new() { BucketStart = start, FirstTimestamp = start, LastTimestamp = start, TickCount = 1, Values = new long[plan.Metrics.Length], Present = 0 };

    // Tries again for as long as it fails, as a bucket does.
    private sealed class Item : BarWriteItem
    {
        private readonly BarWriter _writer;
        private readonly CountdownEvent _written;

        public Item(BarWriter writer, CountdownEvent written, in BarWrite write) => (_writer, _written, Write) = (writer, written, write);

        public override void Completed(in BarWriteResult result) => _written.Signal();

        public override void Failed(Exception error)
        {
            if (error is not ObjectDisposedException) _writer.Enqueue(this);
        }
    }
}
