using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Tikr.Core.Rollup;
using Tikr.Grains;
using Tikr.Grains.Metrics;
using Tikr.Grains.Writing;
using Tikr.Storage;
using Tikr.Tests.Support;
using Tikr.Tests.Support.Memory;

namespace Tikr.Tests.Grains;

public sealed class BarListenerTests : IAsyncDisposable
{
    private const string Failures = "tikr.agg.listener_failures_total";

    private readonly ServiceProvider _services;
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddSeconds(1_000_000));
    private readonly LogRecorder _log = new();
    private readonly MemoryStore _store;
    private readonly GrainMetrics _metrics;
    private readonly Counters _counters;

    public BarListenerTests()
    {
        _services = new ServiceCollection().AddMetrics().AddLogging(logging => logging.AddProvider(_log)).BuildServiceProvider();
        _store = new MemoryStore(null, _time);
        _metrics = new GrainMetrics(_services.GetRequiredService<IMeterFactory>());
        _counters = new Counters(_services);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_listener_hears_of_the_bars_that_were_stored_and_of_no_others()
    {
        var (first, second) = (new Listening(), new Listening());
        var series = (await _store.OpenAsync([TestSeries.Model()], Stop))[0];
        await using var writer = NewWriter(first, second);

        Assert.Equal(BarWriteOutcome.Stored, await WriteAsync(writer, WriteOf(series, 7)));
        Assert.Equal(BarWriteOutcome.Unchanged, await WriteAsync(writer, WriteOf(series, 7)));
        Assert.Equal(BarWriteOutcome.Conflict, await WriteAsync(writer, WriteOf(series, 7, ticks: 2)));
        Assert.Equal(BarWriteOutcome.Stored, await WriteAsync(writer, WriteOf(series, 7, ticks: 2, expected: 0)));

        (uint, int, long)[] told = [(7, 0, 1), (7, 1, 2)];
        Assert.Equal(told, first.Stored);
        Assert.Equal(told, second.Stored);
    }

    [Fact]
    public async Task Writes_whose_outcome_is_unknown_are_told_to_every_listener()
    {
        var (first, second) = (new Listening(), new Listening());
        var series = (await _store.OpenAsync([TestSeries.Model()], Stop))[0];
        _store.Faults.OnWrite = _ => Fault.AnswerLost;
        await using var writer = NewWriter(first, new Throwing(), second);

        await Assert.ThrowsAsync<StoreUnavailableException>(() => WriteAsync(writer, WriteOf(series, 7)));

        Assert.Equal([7u], first.Unknown);
        Assert.Equal([7u], second.Unknown);
        Assert.Empty(first.Stored);
    }

    [Fact]
    public async Task A_listener_that_throws_keeps_neither_the_writer_nor_other_listeners_from_going_on()
    {
        var (before, after) = (new Listening(), new Listening());
        var series = (await _store.OpenAsync([TestSeries.Model()], Stop))[0];
        await using var writer = NewWriter(before, new Throwing(), after);

        for (var key = 1u; key <= 3; key++) Assert.Equal(BarWriteOutcome.Stored, await WriteAsync(writer, WriteOf(series, key)));

        Assert.Equal([1u, 2, 3], before.Stored.Select(bar => bar.KeyId));
        Assert.Equal([1u, 2, 3], after.Stored.Select(bar => bar.KeyId));
        Assert.Equal(3, _counters[Failures]);
    }

    [Fact]
    public void Failures_of_a_listener_are_logged_once_and_then_once_a_minute_with_their_number()
    {
        var listeners = NewListeners(new Throwing());

        for (var i = 0; i < 5; i++) listeners.OutcomeUnknown([]);
        Assert.Contains("failed 1 times", Assert.Single(_log.Lines), StringComparison.Ordinal);

        _time.Advance(TimeSpan.FromMinutes(1));
        for (var i = 0; i < 5; i++) listeners.OutcomeUnknown([]);
        Assert.Equal(2, _log.Lines.Count);
        Assert.Contains("Throwing failed 5 times", _log.Lines[1], StringComparison.Ordinal);
        Assert.Equal(10, _counters[Failures]);
    }

    public async ValueTask DisposeAsync()
    {
        _counters.Dispose();
        await _services.DisposeAsync();
    }

    private BarListeners NewListeners(params IBarListener[] listeners) =>
        new(listeners, _metrics, _time, _services.GetRequiredService<ILogger<BarListeners>>());

    private BarWriter NewWriter(params IBarListener[] listeners) => new(
        _store, NewListeners(listeners), _metrics, new TikrGrainOptions { RetryDelay = TimeSpan.Zero }, _time,
        NullLogger<BarWriter>.Instance);

    private static Task<BarWriteOutcome> WriteAsync(BarWriter writer, BarWrite write)
    {
        var item = new Awaited(write);
        writer.Enqueue(item);
        return item.Answer;
    }

    private BarWrite WriteOf(Series series, uint key, long ticks = 1, int expected = -1)
    {
        var start = _time.GetUtcNow().ToUnixTimeSeconds() * TestSeries.Second;
        var bar = new Bar
        {
            BucketStart = start,
            FirstTimestamp = start,
            LastTimestamp = start,
            TickCount = ticks,
            Values = new long[series.Model.Metrics.Length],
            Present = 0,
        };
        return new BarWrite(series, key, bar, expected);
    }

    private sealed class Awaited : BarWriteItem
    {
        private readonly TaskCompletionSource<BarWriteOutcome> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Awaited(in BarWrite write) => Write = write;

        public Task<BarWriteOutcome> Answer => _answer.Task.WaitAsync(TimeSpan.FromSeconds(60));

        public override void Completed(in BarWriteResult result) => _answer.SetResult(result.Outcome);

        public override void Failed(Exception error) => _answer.SetException(error);
    }

    private sealed class Listening : IBarListener
    {
        private readonly List<(uint KeyId, int Revision, long Ticks)> _stored = [];

        public IReadOnlyList<(uint KeyId, int Revision, long Ticks)> Stored => _stored;

        public List<uint> Unknown { get; } = [];

        void IBarListener.Stored(ReadOnlySpan<StoredBar> bars)
        {
            foreach (var stored in bars) _stored.Add((stored.KeyId, stored.Bar.Revision, stored.Bar.TickCount));
        }

        public void OutcomeUnknown(IReadOnlyList<BarWrite> writes) => Unknown.AddRange(writes.Select(write => write.KeyId));
    }

    private sealed class Throwing : IBarListener
    {
        public void Stored(ReadOnlySpan<StoredBar> bars) => throw new InvalidOperationException("It breaks its contract.");

        public void OutcomeUnknown(IReadOnlyList<BarWrite> writes) => throw new InvalidOperationException("It breaks its contract.");
    }
}
