using Tikr.Gateway.Ingest;
using Tikr.Gateway.Ingest.Lanes;

namespace Tikr.Tests.Gateway.Ingest;

public sealed class IngestQueueTests : IDisposable
{
    private readonly IngestBench _bench = new();
    private readonly IngestQueue _queue;

    public IngestQueueTests() => _queue = new IngestQueue(new IngestOptions { MaxUncommittedTicks = 100_000 }, _bench.Time);

    [Fact]
    public void Small_messages_of_a_stream_are_gathered_in_one_in_the_order_they_came()
    {
        var source = new Source();
        for (var i = 0; i < 300; i++) _queue.Add(Message(source, i, 1));

        var batch = _queue.Take();
        var gathered = Assert.Single(batch.Messages).Message!;
        Assert.Equal(300, batch.Ticks);
        Assert.Equal(Enumerable.Range(0, 300).Select(i => (long)i), gathered.Columns.Fields[0].Take(300));
        Assert.Equal(Enumerable.Range(0, 300).Select(i => IngestBench.Start + i), gathered.Columns.Times.Take(300));
        Assert.Equal(IngestBench.Start + 299, gathered.MaxTimeNs);
        Assert.Equal(IngestBench.Start, gathered.MinTimeNs);
        Assert.All(gathered.Keys.Take(300), key => Assert.Same(gathered.Keys[0], key));
    }

    [Fact]
    public void Messages_of_different_streams_stay_apart()
    {
        var (one, other) = (new Source(), new Source());
        _queue.Add(Message(one, 1, 1));
        _queue.Add(Message(other, 2, 1));
        _queue.Add(Message(one, 3, 1));

        var messages = _queue.Take().Messages;
        Assert.Equal([(one, 2), (other, 1)], messages.Select(m => (m.Source, m.Message!.Columns.Count)));
    }

    [Fact]
    public void A_message_after_the_flush_was_taken_goes_into_the_next()
    {
        var source = new Source();
        _queue.Add(Message(source, 1, 1));
        var taken = _queue.Take();
        _queue.Add(Message(source, 2, 1));

        Assert.Equal(1, Assert.Single(taken.Messages).Message!.Columns.Count);
        Assert.Equal(1, Assert.Single(_queue.Take().Messages).Message!.Columns.Count);
    }

    [Fact]
    public void Large_messages_are_left_as_they_are()
    {
        var source = new Source();
        _queue.Add(Message(source, 0, 257));
        _queue.Add(Message(source, 257, 257));

        Assert.Equal([257, 257], _queue.Take().Messages.Select(m => m.Message!.Columns.Count));
    }

    [Fact]
    public void Ticks_of_a_stream_stay_in_order_when_a_large_message_comes_between_small_ones()
    {
        var source = new Source();
        _queue.Add(Message(source, 0, 1));
        _queue.Add(Message(source, 1, 300));
        _queue.Add(Message(source, 301, 1));
        _queue.Add(Message(source, 302, 1));

        var messages = _queue.Take().Messages;
        Assert.Equal([1, 300, 2], messages.Select(m => m.Message!.Columns.Count));
        Assert.Equal(Enumerable.Range(0, 303)
            .Select(i => (long)i), messages.SelectMany(m => m.Message!.Columns.Fields[0].Take(m.Message.Columns.Count)));
    }

    [Fact]
    public void No_tick_is_lost_when_gathered_messages_are_full()
    {
        var source = new Source();
        for (var i = 0; i < 40; i++) _queue.Add(Message(source, i * 256, 256));

        var batch = _queue.Take();
        var prices = batch.Messages.SelectMany(m => m.Message!.Columns.Fields[0].Take(m.Message.Columns.Count));
        Assert.Equal(Enumerable.Range(0, 40 * 256).Select(i => (long)i), prices);
        Assert.Equal(3, batch.Messages.Count);
    }

    public void Dispose() => _queue.Dispose();

    private QueuedMessage Message(Source source, int first, int count) =>
        _bench.Message(source, [.. Enumerable.Range(first, count).Select(i => new Tick("A", IngestBench.Start + i, Price: i))]);
}
