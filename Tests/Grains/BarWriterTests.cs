using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Tikr.Core.Rollup;
using Tikr.Core.Time;
using Tikr.Grains;
using Tikr.Grains.Metrics;
using Tikr.Grains.Writing;
using Tikr.Storage;
using Tikr.Tests.Support;
using Tikr.Tests.Support.Memory;

namespace Tikr.Tests.Grains;

public sealed class BarWriterTests : IAsyncDisposable
{
    private const int Bars = 20_000;

    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddSeconds(1_000_000));
    private readonly MemoryStore _store;

    public BarWriterTests() => _store = new MemoryStore(null, _time);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_store_that_is_too_slow_for_a_large_group_gets_smaller_ones_until_all_is_written()
    {
        var series = (await _store.OpenAsync([TestSeries.Model()], Stop))[0];
        var sizes = new List<int>();
        _store.Faults.OnWrite = writes =>
        {
            sizes.Add(writes.Count);
            return writes.Count > 1_000 ? Fault.NotDone : Fault.None;
        };
        var stored = 0;
        _store.Faults.OnStored = (_, _, _) => stored++;
        using var written = new CountdownEvent(Bars);
        await using var writer = NewWriter();

        for (var i = 1; i <= Bars; i++) writer.Enqueue(new Item(writer, written, WriteOf(series, (uint)i)));

        await AllAsync(written);
        Assert.Equal(Bars, stored);
        Assert.Contains(sizes, size => size > 1_000);
    }

    [Fact]
    public async Task A_requester_that_throws_keeps_no_other_from_its_answer()
    {
        var series = (await _store.OpenAsync([TestSeries.Model()], Stop))[0];
        var failures = 0;
        _store.Faults.OnWrite = _ => failures++ == 0 ? Fault.NotDone : Fault.None;
        using var written = new CountdownEvent(2);
        await using var writer = NewWriter();

        foreach (var key in new uint[] { 1, 2 })
        {
            writer.Enqueue(new Throwing(WriteOf(series, 10 + key)));
            writer.Enqueue(new Item(writer, written, WriteOf(series, key)));
        }

        await AllAsync(written);
    }

    [Fact]
    public async Task A_bar_that_fails_again_and_again_is_counted_once_and_logged_once_a_minute()
    {
        var series = (await _store.OpenAsync([TestSeries.Model()], Stop))[0];
        var (failures, logs) = (0, new LogRecorder());
        _store.Faults.OnWrite = _ =>
        {
            // Two minutes of retries, ten a second.
            if (++failures > 1_200) return Fault.None;
            _time.Advance(TimeSpan.FromMilliseconds(100));
            return Fault.NotDone;
        };
        long counted = 0;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "tikr.agg.write_failures_total") listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => Interlocked.Add(ref counted, value));
        listener.Start();
        using var written = new CountdownEvent(3);
        await using var writer = NewWriter(logs);

        for (uint key = 1; key <= 3; key++) writer.Enqueue(new Item(writer, written, WriteOf(series, key)));

        await AllAsync(written);
        Assert.Equal(3, counted);
        Assert.InRange(logs.Messages.Count(message => message.Id == 2500), 2, 3);
        Assert.All(logs.Messages, message => Assert.DoesNotContain("   at ", message.Text, StringComparison.Ordinal));
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    private BarWriter NewWriter(LogRecorder? logs = null)
    {
        var metrics = new GrainMetrics(_services.GetRequiredService<IMeterFactory>());
        return new BarWriter(_store, new BarListeners([], metrics, _time, NullLogger<BarListeners>.Instance), metrics,
            new TikrGrainOptions { RetryDelay = TimeSpan.Zero }, _time,
            logs is null ? NullLogger<BarWriter>.Instance : new LoggerFactory([logs]).CreateLogger<BarWriter>());
    }

    private BarWrite WriteOf(Series series, uint key)
    {
        var start = _time.GetUnixNanoseconds();
        var bar = new Bar
        {
            BucketStart = start,
            FirstTimestamp = start,
            LastTimestamp = start,
            TickCount = 1,
            Values = new long[series.Model.Metrics.Length],
            Present = 0
        };
        return new BarWrite(series, key, bar, -1);
    }

    private static async Task AllAsync(CountdownEvent written) =>
        Assert.True(await Task.Run(() => written.Wait(TimeSpan.FromSeconds(60), Stop), Stop));

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

    private sealed class Throwing : BarWriteItem
    {
        public Throwing(in BarWrite write) => Write = write;

        public override void Completed(in BarWriteResult result) => throw new InvalidOperationException("It breaks its contract.");

        public override void Failed(Exception error) => throw new InvalidOperationException("It breaks its contract.");
    }
}
