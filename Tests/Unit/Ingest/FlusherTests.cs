using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Tikr.Gateway.Ingest;
using Tikr.Gateway.Metrics;
using Tikr.Grains;
using Tikr.Storage;

namespace Tikr.Tests.Unit.Ingest;

public sealed class FlusherTests : IDisposable
{
    private readonly IngestBench _bench = new();
    private readonly ScriptedTickStore _store = new();
    private readonly Combiner _combiner = new(epoch: 3);
    private readonly GatewayMetrics _metrics;
    private readonly Flusher _flusher;

    public FlusherTests()
    {
        _metrics = new GatewayMetrics(new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>());
        var observer = new IngestObserver(_metrics, NullLogger<IngestObserver>.Instance);
        _flusher = new Flusher(3, [_bench.Intake], _store, _combiner, new IngestOptions { CommitTimeout = TimeSpan.Zero }, _bench.Time, observer);
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
        Assert.Null(Assert.Single(Collect()).State);
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

    private FlushBatch Batch(Feed? feed = null)
    {
        var batch = new FlushBatch { FirstReceivedNs = IngestBench.Start };
        batch.Messages.Add(_bench.Message(feed ?? new Feed(), new Tick("A", IngestBench.Start)));
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
