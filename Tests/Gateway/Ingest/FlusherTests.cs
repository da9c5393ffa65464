using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Tikr.Gateway.Ingest;
using Tikr.Gateway.Metrics;
using Tikr.Grains;
using Tikr.Storage;

namespace Tikr.Tests.Gateway.Ingest;

public sealed class FlusherTests : IDisposable
{
    private readonly IngestBench _bench = new();
    private readonly ScriptedTickStore _store = new();
    private readonly Combiner _combiner = new(epoch: 3);
    private readonly GatewayMetrics _metrics;
    private readonly IngestObserver _observer;
    private readonly Flusher _flusher;

    public FlusherTests()
    {
        _metrics = new GatewayMetrics(new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>());
        _observer = new IngestObserver(_metrics, NullLogger<IngestObserver>.Instance);
        _flusher = new Flusher(3, [_bench.Intake], _store, _combiner,
            new IngestOptions { CommitTimeout = TimeSpan.Zero }, _bench.Time, _observer);
    }

    [Fact]
    public async Task Streams_are_answered_after_the_commit()
    {
        var batch = Batch();
        _store.OnCommit = _ => Assert.False(batch.Committed.IsCompleted);

        _flusher.Run(batch, CancellationToken.None);

        await batch.Committed;
        Assert.Equal([new FlushId(3, 1)], _store.Committed);
    }

    [Fact]
    public async Task A_failed_commit_fails_its_streams_and_leaves_the_bars_to_the_store()
    {
        var batch = Batch();
        _store.OnCommit = _ => throw new StoreUnavailableException("gone");

        _flusher.Run(batch, CancellationToken.None);

        await Assert.ThrowsAsync<StoreUnavailableException>(() => batch.Committed);
        _store.OnCommit = null;
        _flusher.Decide();
        Assert.Null(Assert.Single(Collect()).State);
    }

    [Fact]
    public void Bars_of_a_commit_that_may_still_become_visible_wait_until_a_later_one_has_succeeded()
    {
        _store.OnCommit = _ => throw new StoreUnavailableException("gone");
        _flusher.Run(Batch(), CancellationToken.None);
        Assert.True(_combiner.HasUndecided);
        Assert.Empty(Collect());

        _flusher.Decide();
        Assert.True(_combiner.HasUndecided);
        Assert.Empty(Collect());

        _store.OnCommit = null;
        _flusher.Run(Batch("B"), CancellationToken.None);
        Assert.False(_combiner.HasUndecided);
        Assert.Equal(2, Collect().Count);
    }

    [Fact]
    public void The_commit_that_decides_is_empty()
    {
        _flusher.Run(Batch(), CancellationToken.None);
        _store.OnCommit = commit => Assert.True(commit is { Blocks.Count: 0, Manifest.Count: 0, Routed.Count: 0 });

        _flusher.Decide();

        Assert.Equal([new FlushId(3, 1), new FlushId(3, 2)], _store.Committed);
    }

    [Fact]
    public async Task A_store_that_is_full_after_an_attempt_that_it_may_have_taken_leaves_the_bars_to_the_store()
    {
        var flusher = new Flusher(3, [_bench.Intake], _store, _combiner, new IngestOptions(), _bench.Time, _observer);
        var attempts = 0;
        _store.OnCommit = _ => throw (++attempts == 1 ? new StoreUnavailableException("gone") : new StoreFullException("full"));
        var batch = Batch();

        flusher.Run(batch, CancellationToken.None);

        await Assert.ThrowsAsync<StoreUnavailableException>(() => batch.Committed);
        Assert.True(_combiner.HasUndecided);
    }

    [Fact]
    public async Task A_full_store_refuses_the_flush_and_nothing_is_folded()
    {
        var batch = Batch();
        _store.OnCommit = _ => throw new StoreFullException("full");

        _flusher.Run(batch, CancellationToken.None);

        await Assert.ThrowsAsync<StoreFullException>(() => batch.Committed);
        Assert.Empty(Collect());
    }

    [Fact]
    public async Task After_a_failed_flush_the_next_one_has_another_number()
    {
        _store.OnCommit = _ => throw new StoreUnavailableException("gone");
        var lost = Batch();
        _flusher.Run(lost, CancellationToken.None);
        _store.OnCommit = null;
        var next = Batch();
        _flusher.Run(next, CancellationToken.None);

        await next.Committed;
        Assert.Equal([new FlushId(3, 2)], _store.Committed);
    }

    [Fact]
    public void Event_time_of_a_stream_advances_with_what_is_folded()
    {
        var feed = new Feed();
        _flusher.Run(Batch(feed), CancellationToken.None);

        Assert.Equal(IngestBench.Start, feed.EventTimeNs);
    }

    public void Dispose() => _metrics.Dispose();

    private FlushBatch Batch(string symbol) => Batch(null, symbol);

    private FlushBatch Batch(Feed? feed = null, string symbol = "A")
    {
        var batch = new FlushBatch { FirstReceivedNs = IngestBench.Start };
        batch.Messages.Add(_bench.Message(feed ?? new Feed(), new Tick(symbol, IngestBench.Start)));
        batch.Ticks = 1;
        return batch;
    }

    private List<Partial> Collect()
    {
        var deliveries = new List<Delivery>();
        _combiner.Collect(deliveries, IngestBench.Start, IngestBench.Start, IngestBench.Second, onlyDue: false);
        return deliveries.ConvertAll(d => d.Partial);
    }
}
