using Microsoft.Extensions.DependencyInjection;
using Tikr.Core.Delivery;
using Tikr.Core.Ingest;
using Tikr.Core.Rollup;
using Tikr.Gateway.Ingest;
using Tikr.Gateway.Ingest.Lanes;
using Tikr.Gateway.Metrics;
using Tikr.Storage;

namespace Tikr.Tests.Gateway.Ingest;

public sealed class FlusherTests : IDisposable
{
    private readonly IngestBench _bench = new();
    private readonly ScriptedTickStore _store = new();
    private readonly Combiner _combiner;
    private readonly GatewayMetrics _metrics;
    private readonly Flusher _flusher;

    public FlusherTests()
    {
        _metrics = IngestBench.Metrics();
        _combiner = new Combiner(epoch: 3, new PastCells(_bench.LaneSet, new IngestOptions()));
        _flusher = new Flusher(3, _bench.LaneSet, _combiner, Services(new IngestOptions { CommitTimeout = TimeSpan.Zero }));
    }

    [Fact]
    public async Task Streams_are_answered_after_the_commit()
    {
        var batch = Batch();
        _store.OnCommit = _ => Assert.False(batch.Committed.IsCompleted);

        _flusher.Run(batch, giveUp: false);

        await batch.Committed;
        Assert.Equal([new FlushId(3, 1)], _store.Committed);
    }

    [Fact]
    public async Task A_commit_of_a_silo_that_was_declared_dead_fails_its_streams_and_leaves_nothing_undecided()
    {
        var batch = Batch();
        var attempts = 0;
        _store.OnCommit = _ => throw (++attempts == 1 ? new StoreUnavailableException("gone") : new StoreSealedException("S1"));
        var flusher = new Flusher(3, _bench.LaneSet, _combiner, Services(new IngestOptions()));

        Assert.False(flusher.Run(batch, giveUp: false));
        Assert.True(flusher.Retry(giveUp: false));

        await Assert.ThrowsAsync<StoreSealedException>(() => batch.Committed);
        Assert.False(_combiner.HasUndecided);
        Assert.Empty(Collect());
    }

    [Fact]
    public async Task Ticks_that_cannot_be_folded_are_acknowledged_since_they_are_stored_and_their_bar_is_recomputed()
    {
        _flusher.Run(Batch(), giveUp: false);
        _bench.Lane.Active.Values.Single().Cells!.State = [];
        var batch = Batch();

        _flusher.Run(batch, giveUp: false);

        await batch.Committed;
        var partial = Assert.Single(Collect());
        Assert.Equal((null, 1UL, 2UL), (partial.State, partial.FromFlush, partial.ToFlush));
    }

    [Fact]
    public async Task A_failed_commit_fails_its_streams_and_leaves_the_bars_to_the_store()
    {
        var batch = Batch();
        _store.OnCommit = _ => throw new StoreUnavailableException("gone");

        _flusher.Run(batch, giveUp: false);

        await Assert.ThrowsAsync<StoreUnavailableException>(() => batch.Committed);
        _store.OnCommit = null;
        _flusher.Decide();
        Assert.Null(Assert.Single(Collect()).State);
    }

    [Fact]
    public void Bars_of_a_commit_that_may_still_become_visible_wait_until_a_later_one_has_succeeded()
    {
        _store.OnCommit = _ => throw new StoreUnavailableException("gone");
        _flusher.Run(Batch(), giveUp: false);
        Assert.True(_combiner.HasUndecided);
        Assert.Empty(Collect());

        _flusher.Decide();
        Assert.True(_combiner.HasUndecided);
        Assert.Empty(Collect());

        _store.OnCommit = null;
        _flusher.Run(Batch("B"), giveUp: false);
        Assert.False(_combiner.HasUndecided);
        Assert.Equal(2, Collect().Count);
    }

    [Fact]
    public void The_commit_that_decides_is_empty()
    {
        _flusher.Run(Batch(), giveUp: false);
        _store.OnCommit = commit => Assert.True(commit is { Blocks.Count: 0, Manifest.Count: 0, Routed.Count: 0 });

        _flusher.Decide();

        Assert.Equal([new FlushId(3, 1), new FlushId(3, 2)], _store.Committed);
    }

    [Fact]
    public async Task A_store_that_is_full_after_an_attempt_that_it_may_have_taken_leaves_the_bars_to_the_store()
    {
        var flusher = new Flusher(3, _bench.LaneSet, _combiner, Services(new IngestOptions()));
        var attempts = 0;
        _store.OnCommit = _ => throw (++attempts == 1 ? new StoreUnavailableException("gone") : new StoreFullException("full"));
        var batch = Batch();

        Assert.False(flusher.Run(batch, giveUp: false));
        Assert.True(flusher.IsRetrying);
        Assert.True(flusher.Retry(giveUp: false));

        await Assert.ThrowsAsync<StoreUnavailableException>(() => batch.Committed);
        Assert.True(_combiner.HasUndecided);
    }

    [Fact]
    public async Task A_full_store_refuses_the_flush_and_nothing_is_folded()
    {
        var batch = Batch();
        _store.OnCommit = _ => throw new StoreFullException("full");

        _flusher.Run(batch, giveUp: false);

        await Assert.ThrowsAsync<StoreFullException>(() => batch.Committed);
        Assert.Empty(Collect());
    }

    [Fact]
    public async Task A_commit_that_fails_is_tried_again_with_the_same_number_after_pauses_that_grow()
    {
        var flusher = new Flusher(3, _bench.LaneSet, _combiner, Services(new IngestOptions()));
        List<long> attempts = [];
        _store.OnCommit = _ =>
        {
            attempts.Add(_bench.Now.MonotonicNs);
            if (attempts.Count < 4) throw new StoreUnavailableException("gone");
        };
        var batch = Batch();

        for (var settled = flusher.Run(batch, giveUp: false); !settled; settled = flusher.Retry(giveUp: false))
        {
            Assert.False(batch.Committed.IsCompleted);
            _bench.Time.Advance(TimeSpan.FromTicks((flusher.NextAttemptNs - _bench.Now.MonotonicNs) / 100));
        }

        await batch.Committed;
        Assert.Equal([new FlushId(3, 1)], _store.Committed);
        Assert.Equal([20, 40, 80], attempts.Zip(attempts.Skip(1), (one, next) => (next - one) / 1_000_000));
    }

    [Fact]
    public async Task After_a_failed_flush_the_next_one_has_another_number()
    {
        _store.OnCommit = _ => throw new StoreUnavailableException("gone");
        var lost = Batch();
        _flusher.Run(lost, giveUp: false);
        _store.OnCommit = null;
        var next = Batch();
        _flusher.Run(next, giveUp: false);

        await next.Committed;
        Assert.Equal([new FlushId(3, 2)], _store.Committed);
    }

    [Fact]
    public async Task Ticks_whose_bucket_has_lost_others_by_the_commit_are_rejected_to_their_stream_and_the_rest_is_stored()
    {
        Source old = new(), fresh = new();
        var batch = Batch(old);
        batch.Messages.Add(_bench.Message(
            fresh, new Tick("A", IngestBench.Start + IngestBench.Second), new Tick("B", IngestBench.Start + IngestBench.Second)));
        batch.Ticks += 2;
        var evicts = true;
        List<long> least = [];
        _store.OnCommit = commit =>
        {
            // Received before the eviction, committed after it; the next one comes right behind.
            if (evicts) _store.CompleteFromNs = IngestBench.Start + 1;
            evicts = false;
            least.Add(commit.LeastBucket);
        };

        Assert.True(_flusher.Run(batch, giveUp: false));

        await batch.Committed;
        Assert.Equal([IngestBench.Start, IngestBench.Start + IngestBench.Second], least);
        Assert.Equal([new FlushId(3, 2)], _store.Committed);
        var (stream, tally) = Assert.Single(batch.Rejected);
        Assert.Same(old.Stream, stream);
        Assert.Equal((1, 1), (tally.Total, tally.Of(RejectionReasons.TimestampOutOfRange)));
        Assert.Contains("storage.ticks.max_size_gb", Assert.Single(tally.Samples).Message, StringComparison.Ordinal);
        Assert.Equal(3, _flusher.SettledTicks);
        Assert.Equal([1L, 1L], Collect().Select(partial => SeriesModel.TicksIn(partial.State)));
    }

    [Fact]
    public async Task A_flush_that_has_nothing_but_such_ticks_ends_well_and_stores_none()
    {
        var batch = Batch();
        _store.CompleteFromNs = IngestBench.Start + 1;

        Assert.True(_flusher.Run(batch, giveUp: false));

        await batch.Committed;
        Assert.Equal(1, Assert.Single(batch.Rejected).Value.Total);
        Assert.Empty(Collect());
    }

    [Fact]
    public async Task Such_ticks_of_a_flush_that_may_be_stored_already_are_left_to_the_store()
    {
        var flusher = new Flusher(3, _bench.LaneSet, _combiner, Services(new IngestOptions()));
        _store.OnCommit = _ => throw new StoreUnavailableException("gone");
        var batch = Batch();
        Assert.False(flusher.Run(batch, giveUp: false));

        _store.OnCommit = null;
        _store.CompleteFromNs = IngestBench.Start + 1;
        Assert.True(flusher.Retry(giveUp: false));

        await Assert.ThrowsAsync<StoreUnavailableException>(() => batch.Committed);
        Assert.True(_combiner.HasUndecided);
    }

    [Fact]
    public void Event_time_of_a_stream_advances_with_what_is_folded()
    {
        var source = new Source();
        _flusher.Run(Batch(source), giveUp: false);

        Assert.Equal(IngestBench.Start, source.Stream.EventTimeNs);
    }

    private LaneServices Services(IngestOptions options) => _bench.Services(_store, options, _metrics);

    public void Dispose() => _metrics.Dispose();

    private FlushBatch Batch(string symbol) => Batch(null, symbol);

    private FlushBatch Batch(Source? source = null, string symbol = "A")
    {
        var batch = new FlushBatch { FirstReceived = _bench.Now };
        batch.Messages.Add(_bench.Message(source ?? new Source(), new Tick(symbol, IngestBench.Start)));
        batch.Ticks = 1;
        return batch;
    }

    private List<Partial> Collect()
    {
        var deliveries = new List<Delivery>();
        _combiner.Collect(deliveries, _bench.Now.MonotonicNs, _bench.Now.MonotonicNs, onlyDue: false);
        return deliveries.ConvertAll(d => d.Partial);
    }
}
