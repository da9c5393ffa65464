using Tikr.Streaming.Kafka.Caching;

namespace Tikr.Tests.Streaming.Kafka.Caching;

/// <summary>An agent that delivers in batches takes several records before the first is delivered.</summary>
public sealed class BatchDeliveryTests
{
    [Fact]
    public void Records_of_a_batch_count_as_delivered_when_the_agent_asks_for_the_next_batch()
    {
        var harness = new CacheHarness(deliveryBatch: 3);
        harness.Add(0, 0, 0, 0, 0);
        using var cursor = harness.CursorAtRecord(0, 0);

        Take(cursor, 3);
        Assert.Empty(harness.Purge());
        Take(cursor, 1);
        Assert.Equal([0, 1, 2], harness.Purge());
    }

    [Fact]
    public void Short_batch_counts_as_delivered_when_the_agent_asks_again_after_it()
    {
        var harness = new CacheHarness(deliveryBatch: 3);
        harness.Add(0, 0);
        using var cursor = harness.CursorAtRecord(0, 0);

        Take(cursor, 2);
        Assert.False(cursor.MoveNext());
        Assert.Empty(harness.Purge());
        Assert.False(cursor.MoveNext());
        Assert.Equal([0, 1], harness.Purge());
    }

    [Fact]
    public void Full_batch_at_the_end_of_a_quiet_stream_does_not_hold_others_back()
    {
        var harness = new CacheHarness(deliveryBatch: 2);
        harness.Add(0, 0);
        using var cursor = harness.CursorAtRecord(0, 0);

        Take(cursor, 2);
        Assert.False(cursor.MoveNext());

        Assert.Equal([0, 1], harness.Purge());
    }

    [Fact]
    public void With_a_filter_nothing_counts_as_delivered_before_the_stream_is_drained()
    {
        var harness = new CacheHarness(deliveryBatch: int.MaxValue);
        harness.Add(new int[20]);
        using var cursor = harness.CursorAtRecord(0, 0);

        Take(cursor, 20);
        Assert.Empty(harness.Purge());
        Assert.False(cursor.MoveNext());
        Assert.False(cursor.MoveNext());
        Assert.Equal(20, harness.Purge().Count);
    }

    private static void Take(CacheCursor cursor, int records)
    {
        for (var i = 0; i < records; i++) Assert.True(cursor.MoveNext());
    }
}
