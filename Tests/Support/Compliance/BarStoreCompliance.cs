using Tikr.Core.Rollup;
using Tikr.Core.Specs;
using Tikr.Storage;
using static Tikr.Tests.Support.Compliance.Market;

namespace Tikr.Tests.Support.Compliance;

/// <summary>Compare-and-set writes, reads, outbox.</summary>
public abstract class BarStoreCompliance : StoreSuite
{
    private long Bucket => Store.NowNs / Second * Second;

    [Fact]
    public async Task A_bar_is_stored_once_and_revised_by_whoever_knows_its_revision()
    {
        Assert.Equal((BarWriteOutcome.Stored, 0), await WriteAsync(Bar(Bucket, 10), -1));
        Assert.Equal((BarWriteOutcome.Unchanged, 0), await WriteAsync(Bar(Bucket, 10), -1));
        Assert.Equal((BarWriteOutcome.Conflict, 0), await WriteAsync(Bar(Bucket, 11), -1));
        Assert.Equal((BarWriteOutcome.Conflict, 0), await WriteAsync(Bar(Bucket, 11), 1));
        Assert.Equal((BarWriteOutcome.Stored, 1), await WriteAsync(Bar(Bucket, 11), 0));
        Assert.Equal((BarWriteOutcome.Conflict, 1), await WriteAsync(Bar(Bucket, 12), 0));
        await ReopenAsync();
        Assert.Equal((BarWriteOutcome.Unchanged, 1), await WriteAsync(Bar(Bucket, 11), 7));
        Assert.Equal((BarWriteOutcome.Stored, 2), await WriteAsync(Bar(Bucket, 12), 1));
        Assert.True((await Store.Bars.FindAsync(Series, 1, Bucket, Stop))!.SameContent(Bar(Bucket, 12)));
    }

    [Fact]
    public async Task Bars_older_than_the_newest_are_found_by_their_writers_at_once_and_after_a_restart()
    {
        await WriteAsync(Bar(Bucket, 1), -1);
        await WriteAsync(Bar(Bucket + (2 * Second), 1), -1);
        Assert.Equal((BarWriteOutcome.Conflict, 0), await WriteAsync(Bar(Bucket, 2), -1));
        Assert.Equal((BarWriteOutcome.Stored, 0), await WriteAsync(Bar(Bucket + Second, 1), -1));
        await ReopenAsync();
        Assert.Equal((BarWriteOutcome.Conflict, 0), await WriteAsync(Bar(Bucket + Second, 2), -1));
        Assert.Equal((BarWriteOutcome.Stored, 0), await WriteAsync(Bar(Bucket + (3 * Second), 1), -1));
        Assert.Equal((BarWriteOutcome.Conflict, 0), await WriteAsync(Bar(Bucket + (2 * Second), 2), -1));
        Assert.Equal((BarWriteOutcome.Conflict, 0), await WriteAsync(Bar(Bucket + (3 * Second), 2), -1));
    }

    [Fact]
    public async Task A_bar_that_was_stored_after_a_group_with_it_failed_is_found_after_a_restart()
    {
        var unknown = new Series(60_000, Series.Model.WithFieldIds(Series.Model.FieldIds));
        await Assert.ThrowsAnyAsync<Exception>(async () =>
            await Store.Bars.WriteAsync([new BarWrite(Series, 1, Bar(Bucket, 1), -1), new BarWrite(unknown, 1, Bar(Bucket, 1), -1)], Stop));

        Assert.Equal((BarWriteOutcome.Stored, 0), await WriteAsync(Bar(Bucket, 1), -1));
        await ReopenAsync();
        Assert.Equal((BarWriteOutcome.Conflict, 0), await WriteAsync(Bar(Bucket, 2), -1));
    }

    [Fact]
    public async Task A_revision_of_a_bar_that_is_not_there_is_a_conflict_without_a_bar()
    {
        var result = (await Store.Bars.WriteAsync([new BarWrite(Series, 1, Bar(Bucket, 1), 3)], Stop))[0];
        Assert.Equal(new BarWriteResult(BarWriteOutcome.Conflict, null), result);
    }

    [Fact]
    public async Task Writes_of_one_bucket_in_one_call_follow_each_other()
    {
        BarWrite[] writes =
        [
            new(Series, 1, Bar(Bucket, 1), -1, 0),
            new(Series, 1, Bar(Bucket, 1), -1, 0),
            new(Series, 1, Bar(Bucket, 2), 0, 0),
            new(Series, 1, Bar(Bucket, 3), 0, 0),
            new(Series, 2, Bar(Bucket, 3), -1, 0),
        ];
        var results = await Store.Bars.WriteAsync(writes, Stop);
        Assert.Equal(
            [BarWriteOutcome.Stored, BarWriteOutcome.Unchanged, BarWriteOutcome.Stored, BarWriteOutcome.Conflict, BarWriteOutcome.Stored],
            results.Select(r => r.Outcome));
        Assert.Equal(1, results[3].Current!.Revision);
        Assert.Equal([(1u, 0), (1u, 1), (2u, 0)], (await OutboxAsync(0)).Select(e => (e.KeyId, e.Bar!.Revision)));
    }

    [Fact]
    public async Task Outcomes_stand_where_their_writes_stood_in_a_large_group_without_order()
    {
        await Store.ReapAsync();
        await Store.Bars.WriteAsync([.. Enumerable.Range(1, 3).Select(key => new BarWrite(Series, (uint)key, Bar(Bucket, 1), -1))], Stop);
        BarWrite[] writes =
        [
            .. Enumerable.Range(0, 900)
                .Select(i => new BarWrite(Series, 1 + (uint)(i % 300), Bar(Bucket + ((1 + (i / 300)) * Second), i), -1, 0)),
            new(Series, 2, Bar(Bucket, 2), 0, 0), new(Series, 1, Bar(Bucket, 1), 0, 0), new(
                Series, 3, Bar(Bucket, 2), -1, 0), new(Series, 9, Bar(0, 1), -1, 0),
        ];
        new Random(7).Shuffle(writes);
        var results = await Store.Bars.WriteAsync(writes, Stop);
        Assert.All(writes.Zip(results), pair => Assert.Equal(Expected(pair.First), pair.Second.Outcome));
        var stored = writes.Zip(results).Where(pair => pair.Second.Outcome == BarWriteOutcome.Stored).ToList();
        Assert.All(stored, pair => Assert.True(pair.Second.Current!.SameContent(pair.First.Bar)));
        Assert.Equal(
            stored.Select(pair => (pair.Second.OutboxId, pair.First.KeyId, pair.First.Bar.BucketStart)).Order(),
            (await OutboxAsync(0)).Select(entry => (entry.Id, entry.KeyId, entry.Bar!.BucketStart)));

        BarWriteOutcome Expected(BarWrite write) => (write.KeyId, write.Bar.BucketStart) switch
        {
            (_, 0) => BarWriteOutcome.Expired,
            (1, var bucket) when bucket == Bucket => BarWriteOutcome.Unchanged,
            (3, var bucket) when bucket == Bucket => BarWriteOutcome.Conflict,
            _ => BarWriteOutcome.Stored,
        };
    }

    [Fact]
    public async Task Bars_of_several_series_in_one_group_go_each_to_its_own()
    {
        var other = (await Store.Catalog.OpenAsync([Series.Model, Model("quotes")], Stop))[1];
        foreach (var expected in new[] { -1, 0 })
        {
            BarWrite[] writes = [.. Enumerable.Range(0, 600)
                .Select(i => new BarWrite(i % 2 == 0 ? Series : other, 1 + (uint)(i / 2), Bar(Bucket, i + expected), expected))];
            Assert.All(await Store.Bars.WriteAsync(writes, Stop), result => Assert.Equal(BarWriteOutcome.Stored, result.Outcome));
            foreach (var write in writes)
                Assert.True((await Store.Bars.FindAsync(write.Series, write.KeyId, Bucket, Stop))!.SameContent(write.Bar));
        }
    }

    [Fact]
    public async Task Concurrent_writers_store_one_bar_each_revision()
    {
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(writer => Task.Run(async () =>
            (await Store.Bars.WriteAsync([new BarWrite(Series, 1, Bar(Bucket, writer), -1)], Stop))[0].Outcome)));
        Assert.Single(outcomes, o => o == BarWriteOutcome.Stored);
        Assert.Equal(7, outcomes.Count(o => o == BarWriteOutcome.Conflict));
    }

    [Fact]
    public async Task Bars_come_by_bucket_within_the_range()
    {
        BarWrite[] writes = [.. Enumerable.Range(0, 50).Reverse()
            .Select(i => new BarWrite(Series, 1, Bar(Bucket - (i * Second), i), -1)), new(Series, 2, Bar(Bucket, 1), -1)];
        await Store.Bars.WriteAsync(writes, Stop);
        var read = await ReadAsync(Bucket - (40 * Second), Bucket - (10 * Second));
        Assert.Equal(Enumerable.Range(11, 30).Reverse().Select(i => Bucket - (i * Second)), read.Select(b => b.BucketStart));
        Assert.Empty(await ReadAsync(Bucket + Second, long.MaxValue));
        Assert.Equal(50, (await ReadAsync(0, long.MaxValue)).Count);
    }

    [Fact]
    public async Task Bars_of_many_keys_come_key_by_key_in_the_order_given_and_buckets_in_the_order_asked()
    {
        await Store.Bars.WriteAsync([.. Enumerable.Range(0, 200)
            .Select(i => new BarWrite(Series, 1 + (uint)(i % 5), Bar(Bucket - (i / 5 * Second), i), -1))], Stop);
        uint[] keys = [4, 9, 1, 3];
        List<KeyBar> read = [];
        await foreach (var bar in Store.Bars.ReadManyAsync(Series, keys, Bucket - (20 * Second), Bucket - (5 * Second), Stop)) read.Add(
            bar);
        Assert.Equal(
            new uint[] { 4, 1, 3 }.SelectMany(key => Enumerable.Range(6, 15).Reverse().Select(i => (key, Bucket - (i * Second)))),
            read.Select(r => (r.KeyId, r.Bar.BucketStart)));

        BucketRef[] asked = [new(2, Bucket), new(2, Bucket + Second), new(5, Bucket - Second), new(77, Bucket), new(2, Bucket)];
        Assert.Equal([1, null, 9, null, 1], (await Store.Bars.FindManyAsync(Series, asked, Stop)).Select(bar => bar?.Values[0]));
        Assert.Empty(await Store.Bars.FindManyAsync(Series, [], Stop));
    }

    [Fact]
    public async Task A_read_goes_on_where_it_was_after_a_long_wait_for_its_reader()
    {
        await Store.Bars.WriteAsync(
            [.. Enumerable.Range(0, 20).Select(i => new BarWrite(Series, 1, Bar(Bucket + (i * Second), i), -1))], Stop);
        List<long> seen = [];
        await foreach (var bar in Store.Bars.ReadAsync(Series, 1, 0, long.MaxValue, Stop))
        {
            seen.Add(bar.BucketStart);
            Store.Time.Advance(TimeSpan.FromSeconds(5));
        }

        Assert.Equal(20, seen.Count);
    }

    [Fact]
    public async Task Every_bit_of_a_bar_comes_back()
    {
        var bar = new Bar
        {
            BucketStart = Bucket,
            FirstTimestamp = Bucket,
            LastTimestamp = Bucket + Second - 1,
            TickCount = long.MaxValue,
            Values = [long.MinValue, long.MaxValue, -1, 0],
            Present = 0b0111,
        };
        await Store.Bars.WriteAsync([new BarWrite(Series, 1, bar, -1)], Stop);
        await ReopenAsync();
        var read = (await Store.Bars.FindAsync(Series, 1, Bucket, Stop))!;
        Assert.True(read.SameContent(bar));
        Assert.False(read.Has(3));
    }

    [Fact]
    public async Task Bars_stay_readable_when_metrics_are_added_and_removed()
    {
        await WriteAsync(Bar(Bucket, 10), -1);
        var changed = PlanWith([new("high", "price", FieldType.Int64, "max"), new("volume", "size", FieldType.UInt64, "sum"),
            new("open", "price", FieldType.Int64, "first"), new("close", "price", FieldType.Int64, "max")]);
        await ReopenAsync(changed);
        var old = (await Store.Bars.FindAsync(Series, 1, Bucket, Stop))!;
        Assert.Equal(0b0110UL, old.Present);
        Assert.Equal((12, 10), (old.Values[1], old.Values[2]));
        Assert.Equal((BarWriteOutcome.Stored, 1), await WriteAsync(Bar(Bucket, 20), 0));
        Assert.True((await Store.Bars.FindAsync(Series, 1, Bucket, Stop))!.SameContent(Bar(Bucket, 20)));
    }

    [Fact]
    public async Task Bars_of_another_granularity_are_other_bars()
    {
        await WriteAsync(Bar(Bucket, 10), -1);
        await ReopenAsync(new SeriesModel(Series.Model.Spec with { RollupNs = 5 * Second, RollupText = "5s" }));
        Assert.Empty(await ReadAsync(0, long.MaxValue));
        await ReopenAsync(Model());
        Assert.Single(await ReadAsync(0, long.MaxValue));
    }

    [Fact]
    public async Task Outbox_entries_ascend_by_partition_keep_their_bar_and_go_by_id()
    {
        for (var revision = -1; revision < 3; revision++)
            await Store.Bars.WriteAsync([new BarWrite(Series, 1, Bar(Bucket, revision), revision, 1), new BarWrite(
                Series, 2, Bar(Bucket, revision), revision, 2), new BarWrite(Series, 3, Bar(Bucket, revision), revision)], Stop);
        var entries = await OutboxAsync(1);
        Assert.Equal([0, 1, 2, 3], entries.Select(e => e.Bar!.Revision));
        Assert.Equal(entries.Select(e => e.Id).Order(), entries.Select(e => e.Id));
        Assert.Equal(-1, entries[0].Bar!.Values[0]);
        await Store.Outbox.DeleteAsync(1, [entries[1].Id, entries[2].Id], Stop);
        await ReopenAsync();
        Assert.Equal([0, 3], (await OutboxAsync(1)).Select(e => e.Bar!.Revision));
        Assert.Equal(4, (await OutboxAsync(2)).Count);
        Assert.Empty(await OutboxAsync(0));
        await Store.Bars.WriteAsync([new BarWrite(Series, 1, Bar(Bucket, 99), 3, 1)], Stop);
        Assert.True((await OutboxAsync(1))[^1].Id > entries[^1].Id);
    }

    [Fact]
    public async Task Unchanged_and_conflicting_writes_publish_nothing()
    {
        await Store.Bars.WriteAsync([new BarWrite(Series, 1, Bar(Bucket, 1), -1, 0)], Stop);
        await Store.Bars.WriteAsync([new BarWrite(Series, 1, Bar(Bucket, 1), 0, 0), new BarWrite(Series, 1, Bar(Bucket, 2), 5, 0)], Stop);
        Assert.Single(await OutboxAsync(0));
    }

    private async Task<(BarWriteOutcome, int?)> WriteAsync(Bar bar, int expected)
    {
        var result = (await Store.Bars.WriteAsync([new BarWrite(Series, 1, bar, expected)], Stop))[0];
        return (result.Outcome, result.Current?.Revision);
    }

    private async Task<List<Bar>> ReadAsync(long from, long to)
    {
        List<Bar> bars = [];
        await foreach (var bar in Store.Bars.ReadAsync(Series, 1, from, to, Stop)) bars.Add(bar);
        return bars;
    }

    private async Task<List<OutboxEntry>> OutboxAsync(int partition)
    {
        List<OutboxEntry> entries = [];
        await foreach (var entry in Store.Outbox.ReadAsync(partition, 0, Stop)) entries.Add(entry);
        return entries;
    }
}
