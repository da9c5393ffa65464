using Tikr.Core.Delivery;
using Tikr.Core.Time;
using Tikr.Gateway.Ingest;
using Tikr.Gateway.Ingest.Lanes;
using Tikr.Gateway.Metrics;
using Tikr.Storage;

namespace Tikr.Tests.Gateway.Ingest;

/// <summary>The lane as its thread steps it, on a clock of the test's.</summary>
public sealed class FlushLaneTests : IDisposable
{
    private const uint Epoch = 3;
    private readonly IngestBench _bench = new();
    private readonly ScriptedTickStore _store = new();
    private readonly GatewayMetrics _metrics = IngestBench.Metrics();
    private readonly LiveGateways _gateways = new();
    private readonly Recorder _router = new();
    private readonly Source _source = new();
    private readonly FlushLane _lane;

    public FlushLaneTests()
    {
        var services = _bench.Services(_store, new IngestOptions(), _metrics) with { Router = _router, Gateways = _gateways };
        _lane = new FlushLane(Epoch, _bench.SeriesSet, [], services);
        _gateways.Add(Epoch, _lane);
    }

    [Fact]
    public void Ticks_become_durable_and_their_bar_is_delivered_when_it_is_due()
    {
        var batch = Send("A");
        RunUntil(IngestBench.Start + _bench.Model.DueOf(0) + IngestBench.Second);

        Assert.True(batch.Committed.IsCompletedSuccessfully);
        Assert.Equal([IngestBench.Start], _router.Buckets.Distinct());
        Assert.True(_gateways.Now.DeliveredThroughNs >= _bench.Model.DueOf(IngestBench.Start));
    }

    [Fact]
    public void While_the_store_is_away_for_long_bars_of_earlier_flushes_are_still_delivered()
    {
        Send("A");
        RunUntil(IngestBench.Start + 50_000_000);
        _router.Buckets.Clear();
        Send("A");
        RunUntil(IngestBench.Start + 90_000_000);
        _store.OnCommit = _ => throw new StoreUnavailableException("gone");

        for (var second = 1; second <= 25; second++)
        {
            Send($"B{second}");
            RunUntil(IngestBench.Start + (second * IngestBench.Second));
        }

        Assert.Contains(IngestBench.Start, _router.Buckets);
        Assert.True(_gateways.Now.DeliveredThroughNs >= _bench.Model.DueOf(IngestBench.Start));
    }

    [Fact]
    public void While_a_commit_is_retried_the_lane_wants_to_be_stepped_for_its_attempts_only()
    {
        List<long> attempts = [];
        _store.OnCommit = _ =>
        {
            attempts.Add(_bench.Now.MonotonicNs);
            throw new StoreUnavailableException("gone");
        };
        Send("A");

        var steps = RunUntil(IngestBench.Start + (5 * IngestBench.Second));

        Assert.InRange(attempts.Count, 8, 12);
        Assert.InRange(steps, attempts.Count, attempts.Count + 10);
    }

    [Fact]
    public void Stopping_commits_what_waits()
    {
        var batch = Send("A");
        _lane.Stop();
        _lane.Finish(_bench.Now);

        Assert.True(batch.Committed.IsCompletedSuccessfully);
        Assert.Throws<OperationCanceledException>(() => Send("B"));
    }

    [Fact]
    public void Stopping_in_the_middle_of_retries_tries_once_more_and_tells_the_streams()
    {
        var attempts = 0;
        _store.OnCommit = _ => throw new StoreUnavailableException($"gone {++attempts}");
        var batch = Send("A");
        _lane.Queue.Hurry();
        _lane.Step(_bench.Now);
        Assert.False(batch.Committed.IsCompleted);

        _lane.Stop();
        _lane.Finish(_bench.Now);

        Assert.Equal(2, attempts);
        Assert.True(batch.Committed.IsFaulted);
    }

    public void Dispose()
    {
        _lane.Dispose();
        _metrics.Dispose();
    }

    private FlushBatch Send(string symbol) => _lane.Queue.Add(_bench.Message(_source, new Tick(symbol, _bench.Now.UnixNs)));

    // Steps whenever the lane wants to, and answers how often that was.
    private int RunUntil(long unixNs)
    {
        for (var steps = 1; ; steps++)
        {
            var now = _bench.Now;
            var next = _lane.Step(now);
            var pause = Math.Max(next - now.MonotonicNs, 1_000_000);
            if (now.UnixNs + pause >= unixNs)
            {
                _bench.Time.Advance(UnixTime.ToTimeSpan(unixNs - now.UnixNs));
                return steps;
            }

            _bench.Time.Advance(UnixTime.ToTimeSpan(pause));
        }
    }

    private sealed class Recorder : IPartialRouter
    {
        public List<long> Buckets { get; } = [];

        public int WaitingBars => 0;

        public Task<bool> DeliverAsync(IReadOnlyList<Delivery> deliveries, CancellationToken cancellation)
        {
            Buckets.AddRange(deliveries.Select(delivery => delivery.Partial.BucketStart));
            return Task.FromResult(true);
        }
    }
}
