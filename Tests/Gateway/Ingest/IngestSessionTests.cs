using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Tikr.Core.Wire;
using Tikr.Gateway.Ingest;
using Tikr.Gateway.Ingest.Lanes;
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
    private readonly GatewayMetrics _metrics = IngestBench.Metrics();
    private readonly IngestQueue _queue;
    private readonly IngestSession _session;

    public IngestSessionTests()
    {
        _queue = new IngestQueue(new IngestOptions { MaxUncommittedTicks = 1 }, _bench.Time);
        _session = new IngestSession(new IngestPipeline(
            _queue, keys: null!, new ScriptedTickStore(), new IngestObserver(
                _metrics, NullLogger<IngestObserver>.Instance, _bench.Time), _bench.Time));

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
        _queue.Take().Release();
        EveryMessageIsBack();
    }

    [Fact]
    public async Task While_a_stream_waits_for_room_it_is_not_read()
    {
        await AppendAsync();
        var stream = _queue.Take().Messages[0].Source.Stream;
        var began = stream.ReadNs(_bench.Now.MonotonicNs);
        var room = _session.RoomAsync(TestContext.Current.CancellationToken);
        Assert.False(room.IsCompleted);

        _bench.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(began, stream.ReadNs(_bench.Now.MonotonicNs));
        _queue.Done(1);
        await room;
        _bench.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(began + IngestBench.Second, stream.ReadNs(_bench.Now.MonotonicNs));
    }

    [Fact]
    public async Task Ticks_rejected_at_the_commit_are_counted_as_rejected_and_not_as_received()
    {
        await AppendAsync();
        var batch = _queue.Take();
        var tally = new RejectionTally();
        batch.Messages[0].Message!.RejectBefore(IngestBench.Start + 1, tally);
        batch.Rejected[batch.Messages[0].Source.Stream] = tally;
        batch.Complete();
        batch.Release();

        await _session.CompleteAsync();

        var answer = _session.ToResponse();
        Assert.Equal((0UL, 1UL), (answer.TicksReceived, answer.TicksRejected));
        Assert.Equal("timestamp_out_of_range", Assert.Single(answer.Rejections).Reason);
        Assert.Equal((ulong)IngestBench.Start, Assert.Single(answer.Samples).TimestampNs);
        EveryMessageIsBack();
    }

    [Fact]
    public async Task A_stream_whose_earlier_ticks_failed_leaves_no_message_behind()
    {
        await AppendAsync();
        var failed = _queue.Take();
        failed.Fail(new StoreUnavailableException("gone"));
        _queue.Done(1);

        // The batch being filled is looked at once another one has begun.
        await AppendAsync();
        _queue.Done(1);
        await Assert.ThrowsAsync<StoreUnavailableException>(AppendAsync);

        failed.Release();
        _queue.Take().Release();
        EveryMessageIsBack();
    }

    [Fact]
    public async Task A_message_that_comes_after_the_end_of_the_server_is_not_kept()
    {
        _queue.Close(new OperationCanceledException("stopping"));

        await Assert.ThrowsAsync<OperationCanceledException>(AppendAsync);

        EveryMessageIsBack();
    }

    [Fact]
    public async Task A_stream_says_whether_it_waits_for_its_client()
    {
        await AppendAsync();
        var source = _queue.Take().Messages[0].Source;
        Assert.False(source.Stream.IsDrained);

        _session.SetDrained(true);
        Assert.True(source.Stream.IsDrained);

        _session.SetDrained(false);
        Assert.False(source.Stream.IsDrained);
    }

    public void Dispose()
    {
        _session.Dispose();
        _queue.Dispose();
        _metrics.Dispose();
    }

    private async Task AppendAsync() => await _session.AppendAsync(Message(), CancellationToken.None);

    private TickMessage Message() => _bench.Message(new Source(), new Tick("A", IngestBench.Start)).Message!;

    private void EveryMessageIsBack() => Assert.Equal([1, 2, 3], Enumerable.Range(0, 3).Select(_ => _bench.Pool.Advance()));
}
