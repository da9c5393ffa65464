using Tikr.Core.Delivery;
using Tikr.Gateway.Ingest;
using Tikr.Gateway.Ingest.Lanes;
using Tikr.Storage;

namespace Tikr.Tests.Gateway.Ingest;

/// <summary>The lane as its thread steps it, on a clock of the test's.</summary>
public sealed class FlushLaneTests : IDisposable
{
    private readonly SteppedLane _stepped = new();
    private readonly Source _source = new();

    [Fact]
    public void Ticks_become_durable_and_their_bar_is_delivered_when_it_is_due()
    {
        var batch = Send("A");
        RunUntil(_stepped.Bench.Model.DueOf(0) + IngestBench.Second);

        Assert.True(batch.Committed.IsCompletedSuccessfully);
        Assert.Equal([IngestBench.Start], _stepped.Router.Delivered.Select(one => one.BucketStart).Distinct());
        Assert.True(_stepped.Gateways.Now.DeliveredThroughNs >= _stepped.DueAt(IngestBench.Start));
    }

    [Fact]
    public void While_the_store_is_away_for_long_bars_of_earlier_flushes_are_still_delivered()
    {
        Send("A");
        RunUntil(50_000_000);
        _stepped.Router.Delivered.Clear();
        Send("A");
        RunUntil(90_000_000);
        _stepped.Store.OnCommit = _ => throw new StoreUnavailableException("gone");

        for (var second = 1; second <= 25; second++)
        {
            Send($"B{second}");
            RunUntil(second * IngestBench.Second);
        }

        Assert.Contains(_stepped.Router.Delivered, one => one.BucketStart == IngestBench.Start);
        Assert.True(_stepped.Gateways.Now.DeliveredThroughNs >= _stepped.DueAt(IngestBench.Start));
    }

    [Fact]
    public void While_a_commit_is_retried_the_lane_wants_to_be_stepped_for_its_attempts_only()
    {
        List<long> attempts = [];
        _stepped.Store.OnCommit = _ =>
        {
            attempts.Add(_stepped.Bench.Now.MonotonicNs);
            throw new StoreUnavailableException("gone");
        };
        Send("A");

        var steps = RunUntil(5 * IngestBench.Second);

        Assert.InRange(attempts.Count, 8, 12);
        Assert.InRange(steps, attempts.Count, attempts.Count + 10);
    }

    // Ticks accepted just before a deletion still have to be committed above it, and of a bucket that is not whole there is no bar.
    [Fact]
    public void Ticks_are_accepted_from_the_first_whole_bucket_on_that_begins_5_s_above_what_is_complete()
    {
        _stepped.Store.CompleteFromNs = IngestBench.Start - (60 * IngestBench.Second) + 1;
        RunUntil(2 * IngestBench.Second);

        Assert.Equal(IngestBench.Start - (54 * IngestBench.Second), _stepped.Bench.Series.EarliestNs);
    }

    [Fact]
    public void While_a_commit_is_retried_ticks_of_what_the_store_has_deleted_are_no_longer_accepted()
    {
        _stepped.Store.OnCommit = _ => throw new StoreUnavailableException("gone");
        Send("A");
        RunUntil(IngestBench.Second);
        _stepped.Store.CompleteFromNs = IngestBench.Start - (60 * IngestBench.Second);
        RunUntil(3 * IngestBench.Second);

        Assert.Equal(IngestBench.Start - (55 * IngestBench.Second), _stepped.Bench.Series.EarliestNs);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    public void Pairs_that_recovery_has_not_closed_yet_are_recomputed_however_long_that_takes(int hours)
    {
        var (bench, recovery) = (_stepped.Bench, new NoGrains { HasOpenPairs = true });
        var key = bench.Message(_source, new Tick("A", IngestBench.Start)).Message!.Keys[0].KeyId;
        using var metrics = IngestBench.Metrics();
        var services = bench.Services(_stepped.Store, new IngestOptions(), metrics) with { Router = _stepped.Router, Recovery = recovery };
        var open = new RecoveredPair(bench.Series.Series.Id, key, IngestBench.Start);
        using var lane = new FlushLane(epoch: 4, bench.SeriesSet, [open], services);

        bench.Time.Advance(TimeSpan.FromHours(hours));
        lane.Step(bench.Now);
        Assert.Equal(0, TicksDelivered(lane));
        recovery.HasOpenPairs = false;
        bench.Time.Advance(TimeSpan.FromSeconds(2));
        lane.Step(bench.Now);
        lane.Covered(open.SeriesId, key, open.BucketStart, throughFlush: 1);
        Assert.Equal(1, TicksDelivered(lane));
    }

    [Fact]
    public void Stopping_commits_what_waits()
    {
        var batch = Send("A");
        _stepped.Lane.Stop();
        _stepped.Lane.Finish(_stepped.Bench.Now);

        Assert.True(batch.Committed.IsCompletedSuccessfully);
        Assert.Throws<OperationCanceledException>(() => Send("B"));
    }

    [Fact]
    public void Stopping_in_the_middle_of_retries_tries_once_more_and_tells_the_streams()
    {
        var attempts = 0;
        _stepped.Store.OnCommit = _ => throw new StoreUnavailableException($"gone {++attempts}");
        var batch = Send("A");
        _stepped.Lane.Queue.Hurry();
        _stepped.Lane.Step(_stepped.Bench.Now);
        Assert.False(batch.Committed.IsCompleted);

        _stepped.Lane.Stop();
        _stepped.Lane.Finish(_stepped.Bench.Now);

        Assert.Equal(2, attempts);
        Assert.True(batch.Committed.IsFaulted);
    }

    public void Dispose() => _stepped.Dispose();

    // A tick of the bucket, and how many its partial has in its state once it has come: none where the bar is to be recomputed.
    private long TicksDelivered(FlushLane lane)
    {
        var delivered = _stepped.Router.Delivered;
        delivered.Clear();
        _source.Stream.IsDrained = true;
        lane.Queue.Add(_stepped.Bench.Message(_source, new Tick("A", IngestBench.Start)));
        for (var steps = 0; delivered.Count == 0 && steps < 100; steps++)
        {
            lane.Step(_stepped.Bench.Now);
            _stepped.Bench.Time.Advance(TimeSpan.FromMilliseconds(100));
        }

        return Assert.Single(delivered).Ticks;
    }

    private FlushBatch Send(string symbol) => _stepped.Send(_source, new Tick(symbol, _stepped.Bench.Now.UnixNs));

    private int RunUntil(long afterStartNs) => _stepped.RunUntil(_stepped.Began + afterStartNs);
}
