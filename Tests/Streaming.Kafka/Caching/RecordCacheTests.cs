using Orleans.Streams;
using Tikr.Streaming.Kafka.Caching;
using Tikr.Streaming.Kafka.Provider;

namespace Tikr.Tests.Streaming.Kafka.Caching;

/// <summary>What the cache gives to cursors and calls delivered.</summary>
public sealed class RecordCacheTests
{
    [Theory]
    [InlineData(10)]
    [InlineData(1_000)]
    public void Cursor_visits_only_records_of_its_own_stream_however_many_there_are(int streams)
    {
        var harness = new CacheHarness(100_000);
        harness.Add([.. Enumerable.Range(0, streams)]);
        var cursors = Enumerable.Range(0, streams).Select(stream => harness.CursorAtRecord(stream, stream)).ToList();
        foreach (var cursor in cursors) CacheHarness.Drain(cursor);
        var before = harness.Cache.Visited;

        const int records = 20_000;
        for (var i = 0; i < records; i += streams) harness.Add([.. Enumerable.Range(0, streams)]);
        var read = cursors.Sum(cursor => CacheHarness.Drain(cursor).Count);

        Assert.Equal(records, read);
        Assert.Equal(records, harness.Cache.Visited - before);
    }

    [Fact]
    public void Records_are_delivered_in_order_of_offsets_when_every_cursor_has_passed_them()
    {
        var harness = new CacheHarness();
        harness.Add(0, 1, 0, 1);
        using var first = harness.CursorAtRecord(0, 0);
        using var second = harness.CursorAtRecord(1, 1);

        Assert.Equal([0, 2], CacheHarness.Drain(first));
        Assert.Equal([0], harness.Purge());
        Assert.True(second.MoveNext());
        Assert.Empty(harness.Purge());
        Assert.True(second.MoveNext());
        Assert.Equal([1, 2], harness.Purge());
        Assert.False(second.MoveNext());
        Assert.Equal([3], harness.Purge());
        Assert.Equal(3, harness.Cache.DeliveredThrough);
    }

    [Fact]
    public void Records_of_streams_without_subscribers_are_delivered_at_once()
    {
        var harness = new CacheHarness();
        harness.Add(0, 1, 2);

        Assert.Equal([0, 1, 2], harness.Purge());
    }

    [Fact]
    public void Cursor_that_waits_gets_the_next_record_and_pins_it_before_anybody_asks()
    {
        var harness = new CacheHarness();
        harness.Add(0);
        using var cursor = harness.CursorAtRecord(0, 0);
        CacheHarness.Drain(cursor);
        harness.Purge();

        harness.Add(0, 0);

        Assert.Empty(harness.Purge());
        Assert.Equal([1, 2], CacheHarness.Drain(cursor));
    }

    [Fact]
    public void Delivered_record_stays_a_moment_for_a_subscription_that_is_just_being_attached()
    {
        var harness = new CacheHarness();
        harness.Add(0, 0);
        Assert.Equal([0, 1], harness.Purge());

        using var late = harness.CursorAtRecord(0, 1);

        Assert.Equal([1], CacheHarness.Drain(late));
        harness.Time.Advance(TimeSpan.FromSeconds(2));
        harness.Purge();
        Assert.Equal(0, harness.Cache.Count);
    }

    [Fact]
    public void Subscription_that_comes_back_gets_what_is_cached_after_its_last_record()
    {
        var harness = new CacheHarness();
        harness.Skip(100);
        harness.Add(0, 0);

        // Ten and what followed until a hundred are behind it: they were committed.
        using var cursor = harness.CursorAtRecord(0, 10);

        Assert.False(cursor.IsReplaying);
        Assert.Equal([100, 101], CacheHarness.Drain(cursor));
    }

    [Fact]
    public void Subscription_ahead_of_the_queue_waits_for_what_it_has_not_had()
    {
        var harness = new CacheHarness();
        harness.Add(0);
        using var cursor = harness.CursorAtRecord(0, 2);

        harness.Add(0, 0, 0);

        Assert.Equal([3], CacheHarness.Drain(cursor));
    }

    [Fact]
    public void Subscription_that_rewinds_before_the_cache_gets_history_and_then_the_cache_without_gap()
    {
        var harness = new CacheHarness();
        harness.Skip(10);
        harness.Add(0, 0);
        using var cursor = harness.CursorAt(0, KafkaOffsets.At(7));
        Assert.Equal(cursor, Assert.Single(harness.Cache.TakeReplays()));
        Assert.Empty(CacheHarness.Drain(cursor));

        foreach (var offset in new long[] { 7, 8, 9 })
            cursor.History!.Enqueue(new KafkaBatchContainer { StreamId = CacheHarness.Stream(), Offset = offset, Events = ["old"] });
        Assert.Equal([7, 8, 9], CacheHarness.Drain(cursor));
        harness.Purge();
        cursor.EndReplay(10);

        harness.Add(0);
        Assert.Equal([10, 11, 12], CacheHarness.Drain(cursor));
    }

    [Fact]
    public void Cursor_that_rewinds_in_a_stream_with_no_record_left_keeps_its_stream()
    {
        var harness = new CacheHarness();
        harness.Skip(10);
        harness.Add(1);
        using var cursor = harness.CursorAt(0, KafkaOffsets.At(0));
        harness.CursorAt(0, null).Dispose();
        harness.Cache.TakeReplays();
        cursor.EndReplay(10);

        harness.Add(0);

        Assert.Equal([11], CacheHarness.Drain(cursor));
    }

    [Theory]
    [InlineData(0, new long[] { 0, 2 })]
    [InlineData(1, new long[] { 2 })]
    [InlineData(2, new long[] { 2 })]
    [InlineData(3, new long[0])]
    public void Subscription_begins_at_the_offset_that_it_asks_for(long offset, long[] expected)
    {
        var harness = new CacheHarness();
        harness.Add(0, 1, 0);

        using var cursor = harness.CursorAt(0, KafkaOffsets.At(offset));

        Assert.Equal(expected, CacheHarness.Drain(cursor));
    }

    [Fact]
    public void Earliest_and_latest_positions_are_those_of_the_cache()
    {
        var harness = new CacheHarness();
        harness.Add(0, 0);
        using var earliest = (CacheCursor)harness.Cache.TryGetCacheCursorAtPosition(
            CacheHarness.Stream(), StreamSubscriptionStartPosition.EarliestAvailable).Cursor!;
        using var latest = (CacheCursor)harness.Cache.TryGetCacheCursorAtPosition(
            CacheHarness.Stream(), StreamSubscriptionStartPosition.Latest).Cursor!;
        using var none = harness.CursorAt(0, null);

        harness.Add(0);

        Assert.Equal([0, 1, 2], CacheHarness.Drain(earliest));
        Assert.Equal([2], CacheHarness.Drain(latest));
        Assert.Equal([2], CacheHarness.Drain(none));
    }

    [Fact]
    public void Cache_is_under_pressure_while_subscribers_lag_and_free_when_they_have_caught_up()
    {
        var harness = new CacheHarness(records: 200);
        harness.Add(0);
        using var cursor = harness.CursorAtRecord(0, 0);
        harness.Add(new int[150]);
        Assert.True(harness.Cache.IsUnderPressure());

        CacheHarness.Drain(cursor);
        harness.Purge();

        Assert.False(harness.Cache.IsUnderPressure());
        Assert.True(harness.Cache.GetMaxAddCount() > 0);
    }

    [Fact]
    public void Disposed_cursors_leave_nothing_behind()
    {
        var harness = new CacheHarness();
        harness.Add(0);
        var cursors = new[] { harness.CursorAtRecord(0, 0), harness.CursorAt(0, null), harness.CursorAt(0, KafkaOffsets.At(5)) };
        foreach (var cursor in cursors) cursor.Dispose();
        foreach (var cursor in cursors) cursor.Dispose();

        Assert.Equal([0], harness.Purge());
        Assert.All(cursors, cursor => Assert.False(cursor.MoveNext()));
    }
}
