using Tikr.Gateway.Ingest;

namespace Tikr.Tests.Gateway.Ingest;

public sealed class PendingTicksTests : IDisposable
{
    private readonly IngestBench _bench = new();
    private readonly PendingTicks _pending;

    public PendingTicksTests() => _pending = new PendingTicks(new IngestOptions { MaxPendingTicks = 100_000 }, _bench.Time);

    [Fact]
    public void Small_messages_of_a_stream_are_gathered_in_one_in_the_order_they_came()
    {
        var feed = new Feed();
        for (var i = 0; i < 300; i++) _pending.Add(Message(feed, i, 1));

        var batch = _pending.Take();
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
        var (one, other) = (new Feed(), new Feed());
        _pending.Add(Message(one, 1, 1));
        _pending.Add(Message(other, 2, 1));
        _pending.Add(Message(one, 3, 1));

        var messages = _pending.Take().Messages;
        Assert.Equal([(one, 2), (other, 1)], messages.Select(m => (m.Feed, m.Message!.Columns.Count)));
    }

    [Fact]
    public void A_message_after_the_flush_was_taken_goes_into_the_next()
    {
        var feed = new Feed();
        _pending.Add(Message(feed, 1, 1));
        var taken = _pending.Take();
        _pending.Add(Message(feed, 2, 1));

        Assert.Equal(1, Assert.Single(taken.Messages).Message!.Columns.Count);
        Assert.Equal(1, Assert.Single(_pending.Take().Messages).Message!.Columns.Count);
    }

    [Fact]
    public void Large_messages_are_left_as_they_are()
    {
        var feed = new Feed();
        _pending.Add(Message(feed, 0, 257));
        _pending.Add(Message(feed, 257, 257));

        Assert.Equal([257, 257], _pending.Take().Messages.Select(m => m.Message!.Columns.Count));
    }

    [Fact]
    public void Ticks_of_a_stream_stay_in_order_when_a_large_message_comes_between_small_ones()
    {
        var feed = new Feed();
        _pending.Add(Message(feed, 0, 1));
        _pending.Add(Message(feed, 1, 300));
        _pending.Add(Message(feed, 301, 1));
        _pending.Add(Message(feed, 302, 1));

        var messages = _pending.Take().Messages;
        Assert.Equal([1, 300, 2], messages.Select(m => m.Message!.Columns.Count));
        Assert.Equal(Enumerable.Range(0, 303)
            .Select(i => (long)i), messages.SelectMany(m => m.Message!.Columns.Fields[0].Take(m.Message.Columns.Count)));
    }

    [Fact]
    public void No_tick_is_lost_when_gathered_messages_are_full()
    {
        var feed = new Feed();
        for (var i = 0; i < 40; i++) _pending.Add(Message(feed, i * 256, 256));

        var batch = _pending.Take();
        var prices = batch.Messages.SelectMany(m => m.Message!.Columns.Fields[0].Take(m.Message.Columns.Count));
        Assert.Equal(Enumerable.Range(0, 40 * 256).Select(i => (long)i), prices);
        Assert.Equal(3, batch.Messages.Count);
    }

    public void Dispose() => _pending.Dispose();

    private PendingMessage Message(Feed feed, int first, int count) =>
        _bench.Message(feed, [.. Enumerable.Range(first, count).Select(i => new Tick("A", IngestBench.Start + i, Price: i))]);
}
