using Tikr.Core.Ingest;
using Tikr.Core.Rollup;
using Tikr.Storage;
using static Tikr.Tests.Support.Compliance.Market;

namespace Tikr.Tests.Support.Compliance;

/// <summary>Expiry by TTL and eviction by size. A store that expires its data itself passes the lazy half without a reaper.</summary>
public abstract class RetentionCompliance : StoreSuite
{
    private static readonly TimeSpan Ttl = TimeSpan.FromHours(1);

    private long Now => Store.NowNs;

    private static long TtlNs => Ttl.Ticks * 100;

    [Fact]
    public async Task Expired_ticks_are_never_returned_reaped_or_not()
    {
        var epoch = await Store.Ticks.AllocateEpochAsync(Stop);
        var start = Now - (20 * Second);
        await Store.Ticks.CommitTicksAsync(Series, epoch, 1, Run(1, start, 40, Second / 2).Concat(Run(2, start, 4, 5 * Second)));
        Store.Time.Advance(Ttl - TimeSpan.FromSeconds(10));
        foreach (var keys in new uint[][] { [1], [1, 2] })
        {
            var read = await Store.Ticks.ReadTicksAsync(Series, keys, 0, long.MaxValue);
            Assert.Equal(start + (10 * Second), read.Min(t => t.Time));
            Assert.Equal(20, read.Count(t => t.Key == 1));
        }

        Store.Time.Advance(TimeSpan.FromSeconds(20));
        Assert.Empty(await Store.Ticks.ReadTicksAsync(Series, [1, 2], 0, long.MaxValue));
        await Store.ReapAsync();
        Assert.Empty(await Store.Ticks.ReadTicksAsync(Series, [1], 0, long.MaxValue));
    }

    [Fact]
    public async Task Expired_bars_are_never_returned_and_cannot_be_written_once_reaped()
    {
        var bucket = Now / Second * Second;
        await Store.Bars.WriteAsync(
            [.. Enumerable.Range(0, 20).Select(i => new BarWrite(Series, 1, Bar(bucket + (i * Second), i), -1))], Stop);
        Store.Time.Advance(Ttl + TimeSpan.FromSeconds(10));
        Assert.Equal(10, await CountBarsAsync(1));

        // Until it is deleted it is there for whoever has to know its revision.
        Assert.Equal(0, (await Store.Bars.FindAsync(Series, 1, bucket + (9 * Second), Stop))!.Revision);
        Store.Time.Advance(TimeSpan.FromMinutes(2));
        await Store.ReapAsync();
        if (Store.Reaper is null) return;
        Assert.Null(await Store.Bars.FindAsync(Series, 1, bucket + (9 * Second), Stop));
        var results = await Store.Bars.WriteAsync([new BarWrite(Series, 1, Bar(bucket + (9 * Second), 5), -1, 0),
            new BarWrite(Series, 1, Bar(Series.Model.BucketOf(Now), 5), -1)], Stop);
        Assert.Equal(new BarWriteResult(BarWriteOutcome.Expired, null), results[0]);
        Assert.Equal(BarWriteOutcome.Stored, results[1].Outcome);
        Assert.InRange(Store.Outbox.ExpiredBeforeNs, bucket + (9 * Second) + 1, Now);
        await foreach (var _ in Store.Outbox.ReadAsync(0, 0, Stop)) Assert.Fail("An expired bar was published.");
    }

    [Fact]
    public async Task What_the_clock_alone_calls_expired_is_complete_is_read_for_bars_and_its_bars_are_written_and_published()
    {
        var epoch = await Store.Ticks.AllocateEpochAsync(Stop);
        var start = Series.Model.BucketOf(Now);
        await Store.Ticks.CommitTicksAsync(Series, epoch, 1, Run(1, start, 40, Second / 20).Concat(Run(2, start, 4, Second / 4)));
        Store.Time.Advance(7 * Ttl);
        await ReopenAsync();

        Assert.InRange(Store.Ticks.CompleteFrom(Series), 0, start);
        Assert.Single(await Store.Ticks.ManifestsAsync());
        Assert.Empty(await Store.Ticks.ReadTicksAsync(Series, [1, 2], 0, long.MaxValue));
        foreach (var (keys, count) in new (uint[], int)[] { ([1], 40), ([2], 4), ([1, 2], 44) })
            Assert.Equal(count, (await Store.Ticks.ReadTicksAsync(Series, keys, start, start + (2 * Second), includesExpired: true)).Count);
        var results = await Store.Bars.WriteAsync(
            [new BarWrite(Series, 1, Bar(start, 1), -1, 0), new BarWrite(Series, 2, Bar(start, 1), -1, 0)], Stop);
        Assert.All(results, result => Assert.Equal(BarWriteOutcome.Stored, result.Outcome));
        Assert.Equal(start, (await Store.Bars.FindAsync(Series, 1, start, Stop))!.BucketStart);
        Assert.NotNull((await Store.Bars.FindManyAsync(Series, [new BucketRef(2, start)], Stop))[0]);
        Assert.InRange(Store.Outbox.ExpiredBeforeNs, 0, start);
        Assert.Equal(0, await CountBarsAsync(1));
    }

    [Fact]
    public async Task Reaping_leaves_everything_that_has_not_expired()
    {
        var epoch = await Store.Ticks.AllocateEpochAsync(Stop);
        ulong flush = 0;
        List<TestTick> ticks = [];
        List<BarWrite> bars = [];
        for (var minute = 0; minute < 150; minute++)
        {
            var at = Now / Second * Second;
            TestTick[] fresh = [.. Run(1, at, 20, Second / 20), .. Run(2, at, 3, Second / 4)];
            ticks.AddRange(fresh);
            await Store.Ticks.CommitTicksAsync(Series, epoch, ++flush, fresh);
            BarWrite[] writes = [new(Series, 1, Bar(at, minute), -1), new(Series, (uint)(2 + (minute / 50)), Bar(at, minute), -1)];
            bars.AddRange(writes);
            await Store.Bars.WriteAsync(writes, Stop);
            Store.Time.Advance(TimeSpan.FromMinutes(1));
            if (minute % 10 == 9) await Store.ReapAsync();
            if (minute == 75) await ReopenAsync();

            var alive = ticks.Count(t => t.Time >= Now - TtlNs);
            Assert.Equal(alive, (await Store.Ticks.ReadTicksAsync(Series, [1, 2], 0, long.MaxValue)).Count);
            foreach (var key in new uint[] { 1, 2, 3, 4 })
                Assert.Equal(bars.Count(b => b.KeyId == key && b.Bar.BucketStart >= Now - TtlNs), await CountBarsAsync(key));
        }
    }

    [Fact]
    public async Task Completeness_follows_what_is_deleted_and_never_goes_back()
    {
        if (Store.Reaper is null) return;
        var epoch = await Store.Ticks.AllocateEpochAsync(Stop);
        var start = Now;
        await Store.Ticks.CommitTicksAsync(Series, epoch, 1, Run(1, start, 40, Second));
        Store.Time.Advance(2 * Ttl);
        Assert.InRange(Store.Ticks.CompleteFrom(Series), 0, start);
        await Store.ReapAsync();
        var complete = Store.Ticks.CompleteFrom(Series);
        Assert.InRange(complete, start + (40 * Second), Now - TtlNs);
        Store.Time.AdjustTime(Store.Time.GetUtcNow() - (2 * Ttl));
        Assert.Equal(complete, Store.Ticks.CompleteFrom(Series));
        await ReopenAsync();
        Assert.Equal(complete, Store.Ticks.CompleteFrom(Series));
    }

    [Fact]
    public async Task A_flush_with_ticks_of_a_bucket_of_which_others_were_deleted_is_refused_whole()
    {
        if (Store.Reaper is null) return;
        var epoch = await Store.Ticks.AllocateEpochAsync(Stop);
        var start = Now;
        await Store.Ticks.CommitTicksAsync(Series, epoch, 1, Run(1, start, 40, Second));
        Store.Time.Advance(2 * Ttl);
        await Store.ReapAsync();
        var complete = Series.Model.EndOf(Store.Ticks.CompleteFrom(Series) - 1);
        var old = Run(1, complete - Second, 1, 1);

        await Assert.ThrowsAsync<TicksTooOldException>(
            () => Store.Ticks.CommitTicksAsync(Series, epoch, 2, old.Concat(Run(1, Now, 3, 1))));
        Assert.Equal([new FlushId(epoch, 1)], await Store.Ticks.ReadCommittedAsync(Stop));
        Assert.Empty(await Store.Ticks.ReadTicksAsync(Series, [1], 0, long.MaxValue));

        // One that the ledger holds is committed, whatever has been deleted since; and ticks of the first whole bucket are welcome.
        await Store.Ticks.CommitTicksAsync(Series, epoch, 1, old);
        await Store.Ticks.CommitTicksAsync(Series, epoch, 3, Run(1, complete, 3, 1));
        Assert.Equal([new FlushId(epoch, 3)], await Store.Ticks.ReadCommittedAsync(Stop));
    }

    [Fact]
    public async Task A_key_goes_when_its_data_is_gone_and_its_number_is_never_used_again()
    {
        await StartAsync(new StoreLimits(), Model(maxKeys: 2));
        if (!Store.DropsKeys) return;
        Store.Resident.Add(Series.Id, 1);
        Store.Resident.Add(Series.Id, 2);
        var idle = await Store.Keys.ResolveAsync(Series, "IDLE", "");
        await Store.Keys.ResolveAsync(Series, "BUSY", "");
        var epoch = await Store.Ticks.AllocateEpochAsync(Stop);
        await Store.Ticks.CommitTicksAsync(Series, epoch, 1, Run(idle, Now, 3, 1));
        await Store.Bars.WriteAsync([new BarWrite(Series, idle, Bar(Series.Model.BucketOf(Now), 1), -1)], Stop);
        await Store.Ticks.RetireAsync(epoch, 2, Stop);
        Store.Resident.Remove(Series.Id, idle);
        for (var i = 0; i < 6; i++)
        {
            await Store.ReapAsync();
            Assert.NotNull(await Store.Keys.FindAsync(Series, Key(Series, "IDLE", "").Dimensions, Stop));
            Store.Time.Advance(TimeSpan.FromMinutes(10));
        }

        for (var i = 0; i < 4; i++)
        {
            Store.Time.Advance(TimeSpan.FromMinutes(10));
            await Store.ReapAsync();
        }

        Assert.Null(await Store.Keys.FindAsync(Series, Key(Series, "IDLE", "").Dimensions, Stop));
        List<StoredKey> left = [];
        await foreach (var key in Store.Keys.ListAsync(Series, [null, null], Stop)) left.Add(key);
        Assert.Equal("BUSY", Assert.Single(left).Dimensions.Values[0]);
        await ReopenAsync();
        Assert.Equal(3u, await Store.Keys.ResolveAsync(Series, "IDLE", ""));
        var beyond = Key(Series, "MORE", "");
        await Store.Keys.ResolveAsync(Series, [beyond], Stop);
        Assert.Equal(RejectionReasons.CardinalityLimit, beyond.Rejection);
    }

    [Fact]
    public async Task A_key_that_comes_back_in_time_stays()
    {
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(1u, await Store.Keys.ResolveAsync(Series, "A", ""));
            await Store.ReapAsync();
            Store.Time.Advance(TimeSpan.FromMinutes(30));
            await Store.ReapAsync();
        }
    }

    [Fact]
    public async Task A_key_with_unretired_ticks_stays_as_long_as_they()
    {
        var key = await Store.Keys.ResolveAsync(Series, "A", "");
        var epoch = await Store.Ticks.AllocateEpochAsync(Stop);
        await Store.Ticks.CommitTicksAsync(Series, epoch, 1, Run(key, Now, 3, 1));
        for (var i = 0; i < 30; i++)
        {
            Store.Time.Advance(TimeSpan.FromMinutes(5));
            await Store.ReapAsync();
            if ((await Store.Ticks.ManifestsAsync()).Count > 0)
                Assert.NotNull(await Store.Keys.FindAsync(Series, Key(Series, "A", "").Dimensions, Stop));
        }

        if (Store.Reaper is not null) Assert.Empty(await Store.Ticks.ManifestsAsync());
    }

    [Fact]
    public async Task Ticks_over_the_size_limit_go_oldest_first()
    {
        await StartAsync(new StoreLimits { TicksMaxBytes = 300_000 });
        if (Store.Reaper is not { } reaper) return;
        var epoch = await Store.Ticks.AllocateEpochAsync(Stop);
        var start = Now;
        await FillAsync(epoch, 40, retired: true);
        await reaper.EnforceLimitsAsync(Stop);
        var read = await Store.Ticks.ReadTicksAsync(Series, [1], 0, long.MaxValue);
        var complete = Store.Ticks.CompleteFrom(Series);
        Assert.InRange(read.Count, 1, (40 * 2000) - 1);
        Assert.InRange(complete, start, Now);
        Assert.Equal(Now - (10 * Second) + (1999 * 4_000_000L), read[^1].Time);

        // Nothing at or after complete_from is missing.
        var expected = Enumerable.Range(0, 40)
            .Sum(i => Enumerable.Range(0, 2000).Count(n => start + (i * 10 * Second) + (n * 4_000_000L) >= complete));
        Assert.Equal(expected, read.Count(t => t.Time >= complete));
        Assert.Null(Store.Ticks.IngestBlockedReason);

        // Measured on what is left, so the next check finds nothing to do.
        await reaper.EnforceLimitsAsync(Stop);
        Assert.Equal(complete, Store.Ticks.CompleteFrom(Series));
        await ReopenAsync();
        Assert.Equal(complete, Store.Ticks.CompleteFrom(Series));
    }

    [Fact]
    public async Task A_full_store_takes_a_flush_without_ticks_since_it_decides_what_became_of_those_before()
    {
        await StartAsync(new StoreLimits { TicksMaxBytes = 300_000 });
        if (Store.Reaper is not { } reaper) return;
        var epoch = await Store.Ticks.AllocateEpochAsync(Stop);
        var flush = await FillAsync(epoch, 40, retired: false);
        await reaper.EnforceLimitsAsync(Stop);
        Assert.NotNull(Store.Ticks.IngestBlockedReason);

        await Store.Ticks.CommitAsync(new FlushCommit { Id = new FlushId(epoch, flush + 1) }, Stop);

        Assert.Equal([new FlushId(epoch, flush + 1)], await Store.Ticks.ReadCommittedAsync(Stop));
    }

    [Fact]
    public async Task Unretired_ticks_are_never_evicted_ingest_is_blocked_and_goes_on_by_itself()
    {
        await StartAsync(new StoreLimits { TicksMaxBytes = 300_000 });
        if (Store.Reaper is not { } reaper) return;
        var epoch = await Store.Ticks.AllocateEpochAsync(Stop);
        var flush = await FillAsync(epoch, 40, retired: false);
        await reaper.EnforceLimitsAsync(Stop);
        Assert.Equal(40 * 2000, (await Store.Ticks.ReadTicksAsync(Series, [1], 0, long.MaxValue)).Count);
        Assert.Contains("storage.ticks.max_size_gb", Store.Ticks.IngestBlockedReason, StringComparison.Ordinal);
        Assert.Contains($"'{Series.Name}'", Store.Ticks.IngestBlockedReason, StringComparison.Ordinal);
        await Assert.ThrowsAsync<StoreFullException>(() => Store.Ticks.CommitTicksAsync(Series, epoch, flush + 1, Run(1, Now, 1, 1)));

        // A retried commit that is in the ledger is committed all the same.
        await Store.Ticks.CommitTicksAsync(Series, epoch, flush, Run(1, Now, 1, 1));
        await Store.Ticks.RetireAsync(epoch, flush, Stop);
        await reaper.EnforceLimitsAsync(Stop);
        Assert.Null(Store.Ticks.IngestBlockedReason);
        await Store.Ticks.CommitTicksAsync(Series, epoch, flush + 1, Run(1, Now, 1, 1));
        Assert.True((await Store.Ticks.ReadTicksAsync(Series, [1], 0, long.MaxValue)).Count < 40 * 2000);
    }

    [Fact]
    public async Task Pairs_of_a_series_that_is_no_longer_configured_stay_and_keep_no_other_series_ticks()
    {
        await StartAsync(new StoreLimits { TicksMaxBytes = 300_000 });
        if (Store.Reaper is null) return;
        var other = (await Store.Catalog.OpenAsync([Series.Model, Model("gone")], Stop))[1];
        var epoch = await Store.Ticks.AllocateEpochAsync(Stop);
        await Store.Ticks.CommitAsync(Both(new FlushId(epoch, 1), other), Stop);
        await ReopenAsync();
        await Store.Ticks.RetireAsync(epoch, 2, Stop);
        Assert.Equal(other.Id, Assert.Single(Assert.Single(await Store.Ticks.ManifestsAsync()).Sections).SeriesId);

        // Retired or read again, it stays as it is; then its ticks go with their time, and its pairs with them.
        await Store.Ticks.RetireAsync(epoch, 2, Stop);
        Assert.Single(await Store.Ticks.ManifestsAsync());
        epoch = await Store.Ticks.AllocateEpochAsync(Stop);
        Store.Time.Advance(TimeSpan.FromSeconds(10));
        var flush = await FillAsync(epoch, 40, retired: true);
        await Store.Reaper.EnforceLimitsAsync(Stop);
        Assert.Null(Store.Ticks.IngestBlockedReason);
        Assert.Empty(await Store.Ticks.ManifestsAsync());
        await Store.Ticks.CommitTicksAsync(Series, epoch, flush + 1, Run(1, Now, 1, 1));
    }

    [Fact]
    public async Task A_pair_is_dropped_with_the_last_of_its_ticks_and_not_before()
    {
        if (Store.Reaper is null) return;
        var epoch = await Store.Ticks.AllocateEpochAsync(Stop);
        var start = Series.Model.BucketOf(Now);
        await Store.Ticks.CommitTicksAsync(Series, epoch, 1, Run(1, start, 4, 600 * Second).Concat(Run(2, start, 2, 1800 * Second)));
        Store.Time.Advance(Ttl + TimeSpan.FromMinutes(25));
        await Store.ReapAsync();
        var complete = Store.Ticks.CompleteFrom(Series);
        var left = Assert.Single(Assert.Single(await Store.Ticks.ManifestsAsync()).Sections).Pairs;
        Assert.Equal(
            [(1u, start + (1800 * Second)), (2u, start + (1800 * Second))],
            left.Select(pair => (pair.KeyId, pair.BucketStart)).Where(pair => pair.BucketStart >= complete).Order());
        Assert.All(left, pair => Assert.True(pair.BucketStart + Second > complete));
        await ReopenAsync();
        Assert.Equal(left, Assert.Single(Assert.Single(await Store.Ticks.ManifestsAsync()).Sections).Pairs);
        Store.Time.Advance(Ttl);
        await Store.ReapAsync();
        Assert.Empty(await Store.Ticks.ManifestsAsync());
    }

    [Fact]
    public async Task Bars_over_the_size_limit_go_oldest_first()
    {
        await StartAsync(new StoreLimits { BarsMaxBytes = 200_000 });
        if (Store.Reaper is not { } reaper) return;
        var first = Now / Second * Second;
        for (var i = 0; i < 1000; i++)
        {
            await Store.Bars.WriteAsync([.. Enumerable.Range(1, 20)
                .Select(key => new BarWrite(Series, (uint)key, Bar(first + (i * Second), 1L << (i % 60)), -1))], Stop);
            Store.Time.Advance(TimeSpan.FromSeconds(1));
        }

        await reaper.EnforceLimitsAsync(Stop);
        var counts = await Task.WhenAll(Enumerable.Range(1, 20).Select(key => CountBarsAsync((uint)key)));
        Assert.All(counts, count => Assert.Equal(counts[0], count));
        Assert.InRange(counts[0], 1, 999);
        Assert.NotNull(await Store.Bars.FindAsync(Series, 1, first + (999 * Second), Stop));
        Assert.Equal(BarWriteOutcome.Expired, (await Store.Bars.WriteAsync([new BarWrite(Series, 1, Bar(first, 1), -1)], Stop))[0].Outcome);
    }

    /// <summary>Commits windows of 10 s with 2,000 ticks each; returns the last flush.</summary>
    private async Task<ulong> FillAsync(uint epoch, int windows, bool retired)
    {
        var random = new Random(1);
        for (var i = 0; i < windows; i++)
        {
            var start = Now;
            var ticks = Enumerable.Range(0, 2000)
                .Select(n => new TestTick(1, start + (n * 4_000_000L), (uint)n, random.NextInt64(), random.Next()));
            await Store.Ticks.CommitTicksAsync(Series, epoch, (ulong)i + 1, ticks);
            Store.Time.Advance(TimeSpan.FromSeconds(10));
        }

        if (retired) await Store.Ticks.RetireAsync(epoch, (ulong)windows + 1, Stop);
        return (ulong)windows;
    }

    /// <summary>A flush with ticks of two series.</summary>
    private FlushCommit Both(FlushId id, Series other)
    {
        var commit = Flushes.Of(Series, id, Run(1, Now, 20, 1000));
        Flushes.Add(commit, other, Run(1, Now, 20, 1000));
        return commit;
    }

    private async Task<int> CountBarsAsync(uint key)
    {
        var count = 0;
        await foreach (var _ in Store.Bars.ReadAsync(Series, key, 0, long.MaxValue, Stop)) count++;
        return count;
    }
}
