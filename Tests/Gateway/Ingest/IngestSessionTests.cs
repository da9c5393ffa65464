using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Tikr.Core.Wire;
using Tikr.Gateway.Ingest;
using Tikr.Gateway.Metrics;
using Tikr.Storage;

namespace Tikr.Tests.Gateway.Ingest;

/// <summary>
/// A message that no batch takes goes back to its pool, since as long as it is out no idle key is forgotten; and what bars need to know of
/// a stream.
/// </summary>
public sealed class IngestSessionTests : IDisposable
{
    private readonly IngestBench _bench = new();
    private readonly GatewayMetrics _metrics = new(
        new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>());
    private readonly PendingTicks _pending;
    private readonly IngestSession _session;

    public IngestSessionTests()
    {
        _pending = new PendingTicks(new IngestOptions { MaxPendingTicks = 1 }, _bench.Time);
        _session = new IngestSession(new IngestPipeline(
            [_bench.Intake], _pending, keys: null!, new ScriptedTickStore(), new IngestObserver(
                _metrics, NullLogger<IngestObserver>.Instance)));

        // From now on the key has its number, and nobody asks the key table.
        Message().Release();
    }

    [Fact]
    public async Task A_stream_that_goes_away_while_it_is_held_up_leaves_no_message_behind()
    {
        await AppendAsync();
        using var gone = new CancellationTokenSource();
        var heldUp = _session.AppendAsync(Message(), gone.Token);
        Assert.False(heldUp.IsCompleted);

        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await heldUp);
        _pending.Take().Release();
        EveryMessageIsBack();
    }

    [Fact]
    public async Task A_stream_whose_earlier_ticks_failed_leaves_no_message_behind()
    {
        await AppendAsync();
        var failed = _pending.Take();
        failed.Fail(new StoreUnavailableException("gone"));
        _pending.Done(1);

        // The batch being filled is looked at once another one has begun.
        await AppendAsync();
        _pending.Done(1);
        await Assert.ThrowsAsync<StoreUnavailableException>(AppendAsync);

        failed.Release();
        _pending.Take().Release();
        EveryMessageIsBack();
    }

    [Fact]
    public async Task A_message_that_comes_after_the_end_of_the_server_is_not_kept()
    {
        _pending.Close(new OperationCanceledException("stopping"));

        await Assert.ThrowsAsync<OperationCanceledException>(AppendAsync);

        EveryMessageIsBack();
    }

    [Fact]
    public async Task A_stream_says_whether_it_waits_for_its_client()
    {
        await AppendAsync();
        var feed = _pending.Take().Messages[0].Feed;
        Assert.False(feed.Stream.IsDrained);

        _session.SetDrained(true);
        Assert.True(feed.Stream.IsDrained);

        _session.SetDrained(false);
        Assert.False(feed.Stream.IsDrained);
    }

    public void Dispose()
    {
        _session.Dispose();
        _pending.Dispose();
        _metrics.Dispose();
    }

    private async Task AppendAsync() => await _session.AppendAsync(Message(), CancellationToken.None);

    private TickMessage Message() => _bench.Message(new Feed(), new Tick("A", IngestBench.Start)).Message!;

    private void EveryMessageIsBack() => Assert.Equal([1, 2, 3], Enumerable.Range(0, 3).Select(_ => _bench.Pool.Advance()));
}
