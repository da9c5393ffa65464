using CsCheck;
using Tikr.Storage;
using static Tikr.Tests.Support.Compliance.Market;

namespace Tikr.Tests.Support.Compliance;

/// <summary>Commits, reads, manifests.</summary>
public abstract class TickStoreCompliance : StoreSuite
{
    private long Now => Store.NowNs;

    [Fact]
    public async Task Epochs_ascend_across_restarts()
    {
        var first = await Store.Ticks.AllocateEpochAsync(Stop);
        var second = await Store.Ticks.AllocateEpochAsync(Stop);
        await ReopenAsync();
        var third = await Store.Ticks.AllocateEpochAsync(Stop);
        Assert.True(0 < first && first < second && second < third);
    }

    [Fact]
    public async Task Committed_ticks_are_read_back_with_their_positions_also_after_a_restart()
    {
        var epoch = await Store.Ticks.AllocateEpochAsync(Stop);
        var ticks = Run(1, Now - (3 * Second), 600, 5_000_000).Concat(Run(2, Now - (3 * Second), 5, Second / 10)).ToArray();
        var id = await Store.Ticks.CommitTicksAsync(Series, epoch, 1, ticks);
        Assert.Equal([id], await Store.Ticks.ReadCommittedAsync(Stop));
        await ReopenAsync();
        Assert.Equal([id], await Store.Ticks.ReadCommittedAsync(Stop));
        foreach (var key in new uint[] { 1, 2 })
        {
            var read = await Store.Ticks.ReadTicksAsync(Series, [key], 0, long.MaxValue);
            Assert.Equal(ticks.Where(t => t.Key == key), read.Select(AsTick));
            Assert.Equal(Enumerable.Range(0, read.Count).Select(i => (uint)i), read.Select(t => t.Rank));
            Assert.All(read, t => Assert.Equal(id, t.Flush));
        }
    }

    [Fact]
    public async Task A_flush_committed_twice_counts_once()
    {
        var epoch = await Store.Ticks.AllocateEpochAsync(Stop);
        await Store.Ticks.CommitTicksAsync(Series, epoch, 1, Run(1, Now, 3, 1));
        await Store.Ticks.CommitTicksAsync(Series, epoch, 2, Run(1, Now, 4, 1));
        await Store.Ticks.CommitTicksAsync(Series, epoch, 1, Run(1, Now, 99, 1));
        await ReopenAsync();
        await Store.Ticks.CommitTicksAsync(Series, epoch, 2, Run(1, Now, 99, 1));
        Assert.Equal(7, (await Store.Ticks.ReadTicksAsync(Series, [1], 0, long.MaxValue)).Count);
        Assert.Equal(2, (await Store.Ticks.ManifestsAsync()).Count);
        Assert.Equal([new FlushId(epoch, 2)], await Store.Ticks.ReadCommittedAsync(Stop));
    }

    [Fact]
    public async Task A_flush_without_ticks_is_committed_survives_a_restart_and_is_retired_like_any_other()
    {
        var epoch = await Store.Ticks.AllocateEpochAsync(Stop);
        await Store.Ticks.CommitTicksAsync(Series, epoch, 1, Run(1, Now, 3, 1));
        await Store.Ticks.CommitAsync(new FlushCommit { Id = new FlushId(epoch, 2) }, Stop);
        await ReopenAsync();
        Assert.Equal([new FlushId(epoch, 2)], await Store.Ticks.ReadCommittedAsync(Stop));
        Assert.Equal(2, (await Store.Ticks.ManifestsAsync()).Count);
        await Store.Ticks.RetireAsync(epoch, 3, Stop);
        Assert.Empty(await Store.Ticks.ManifestsAsync());
        Assert.Equal(3, (await Store.Ticks.ReadTicksAsync(Series, [1], 0, long.MaxValue)).Count);
    }

    [Fact]
    public async Task Ticks_of_several_epochs_are_committed_side_by_side()
    {
        var older = await Store.Ticks.AllocateEpochAsync(Stop);
        var newer = await Store.Ticks.AllocateEpochAsync(Stop);
        await Store.Ticks.CommitTicksAsync(Series, newer, 1, Run(1, Now, 2, 1));
        await Store.Ticks.CommitTicksAsync(Series, older, 1, Run(1, Now, 3, 1));
        Assert.Equal(5, (await Store.Ticks.ReadTicksAsync(Series, [1], 0, long.MaxValue)).Count);
        Assert.Equal([new FlushId(older, 1), new FlushId(newer, 1)], await Store.Ticks.ReadCommittedAsync(Stop));
        await ReopenAsync();
        Assert.Equal([new FlushId(older, 1), new FlushId(newer, 1)], await Store.Ticks.ReadCommittedAsync(Stop));
    }

    [Fact]
    public async Task Equal_times_of_several_flushes_never_overwrite_each_other()
    {
        var epoch = await Store.Ticks.AllocateEpochAsync(Stop);
        for (ulong flush = 1; flush <= 5; flush++)
            await Store.Ticks.CommitTicksAsync(
                Series, epoch, flush, [new(1, Now, 1, (long)flush, 0), new(65, Now, 1, 10 + (long)flush, 0)]);
        var read = await Store.Ticks.ReadTicksAsync(Series, [1], Now, Now + 1);
        Assert.Equal([1, 2, 3, 4, 5], read.Select(t => t.Price));
    }

    [Fact]
    public async Task Ranges_are_exact_from_inclusive_to_exclusive()
    {
        var epoch = await Store.Ticks.AllocateEpochAsync(Stop);
        var start = (Now / (10 * Second) * 10 * Second) - Second;
        await Store.Ticks.CommitTicksAsync(Series, epoch, 1, Run(1, start, 200, Second / 100));
        var read = await Store.Ticks.ReadTicksAsync(Series, [1], start + (Second / 2), start + (3 * Second / 2));
        Assert.Equal(100, read.Count);
        Assert.Equal(start + (Second / 2), read[0].Time);
        Assert.Equal(start + (3 * Second / 2) - (Second / 100), read[^1].Time);
        Assert.Empty(await Store.Ticks.ReadTicksAsync(Series, [1], start, start));
        Assert.Empty(await Store.Ticks.ReadTicksAsync(Series, [1], start + Second, start));
    }

    [Fact]
    public async Task Batches_of_one_key_come_by_their_least_time_also_where_it_shares_blocks()
    {
        var epoch = await Store.Ticks.AllocateEpochAsync(Stop);
        var start = Now - (60 * Second);
        ulong flush = 0;
        for (var i = 0; i < 40; i++)
        {
            // Key 65 shares blocks with key 1 and comes first in them; every third flush brings enough of key 1 for blocks of its own.
            var at = start + (i * Second * 3 / 2);
            var own = i % 3 == 0 ? Run(1, at, 40, Second / 20) : Run(1, at + (Second / 2), 3, Second / 4);
            await Store.Ticks.CommitTicksAsync(Series, epoch, ++flush, own.Append(new TestTick(65, at, 0, 0, 0)));
        }

        List<long> leastTimes = [];
        var count = 0;
        await foreach (var batch in Store.Ticks.ReadAsync(new TickRead(Series, [1], 0, long.MaxValue), Stop))
        {
            leastTimes.Add(batch.Columns.Times[batch.Runs[0].Start]);
            Assert.All(batch.Runs, run => Assert.Equal(1u, run.KeyId));
            count += batch.Runs.Sum(run => run.Count);
        }

        Assert.Equal(leastTimes.Order(), leastTimes);
        Assert.Equal((14 * 40) + (26 * 3), count);
    }

    [Fact]
    public async Task A_read_goes_on_where_it_was_after_a_long_wait_for_its_reader()
    {
        var epoch = await Store.Ticks.AllocateEpochAsync(Stop);
        for (ulong flush = 1; flush <= 30; flush++)
            await Store.Ticks.CommitTicksAsync(
                Series, epoch, flush, Run(1, Now - (30 * Second) + ((long)flush * Second), flush % 2 == 0 ? 20 : 2, 1));
        foreach (var keys in new uint[][] { [1], [1, 2, 65] })
        {
            List<ReadTick> read = [];
            await foreach (var batch in Store.Ticks.ReadAsync(new TickRead(Series, keys, 0, long.MaxValue), Stop))
            {
                read.AddRange(Flushes.Ticks(batch));
                Store.Time.Advance(TimeSpan.FromSeconds(3));
            }

            Assert.Equal((15 * 20) + (15 * 2), read.Count);
            Assert.Equal(read.Count, read.Distinct().Count());
        }
    }

    [Fact]
    public async Task Reading_any_keys_and_range_gives_exactly_the_committed_ticks()
    {
        var epoch = await Store.Ticks.AllocateEpochAsync(Stop);
        var other = (await Store.Catalog.OpenAsync([Series.Model, Model("quotes")], Stop))[1];
        var start = Now - (100 * Second);
        var random = new Random(7);
        List<TestTick> all = [];
        for (ulong flush = 1; flush <= 60; flush++)
        {
            var ticks = Enumerable.Range(0, 120).Select(i => new TestTick(
                (uint)(random.Next(5) == 0 ? random.Next(1, 200) : random.Next(1, 5)), start
                    + random.NextInt64(100 * Second), (uint)random.Next(9), i, random.Next())).ToArray();
            all.AddRange(ticks);
            await Store.Ticks.CommitTicksAsync(Series, epoch, flush, ticks);
            await Store.Ticks.CommitTicksAsync(other, epoch + 1, flush, Run(3, start + ((long)flush * Second), 20, 1));
        }

        var query = Gen.Select(Gen.UInt[1, 210].HashSet[1, 40], Gen.Long[-5, 105], Gen.Long[0, 110], (keys, from, length) =>
            new TickRead(Series, [.. keys.Order()], start + (from * Second), start + ((from + length) * Second)));
        await query.SampleAsync(
            async read =>
            {
                var got = await Store.Ticks.ReadTicksAsync(Series, read.Keys, read.FromNs, read.ToNs);
                var want = all.Where(t => read.Keys.Contains(t.Key) && t.Time >= read.FromNs && t.Time < read.ToNs);
                return Order(got.Select(AsTick)).SequenceEqual(Order(want));
            },
            iter: 60);
    }

    [Fact]
    public async Task Manifests_come_oldest_first_and_go_when_retired()
    {
        var first = await Store.Ticks.AllocateEpochAsync(Stop);
        var second = await Store.Ticks.AllocateEpochAsync(Stop);
        await Store.Ticks.CommitTicksAsync(Series, second, 1, Run(9, Now, 1, 1));
        for (ulong flush = 1; flush <= 4; flush++)
            await Store.Ticks.CommitTicksAsync(Series, first, flush, Run((uint)flush, Now - Second, 3, Second));
        await Store.Ticks.RetireAsync(first, 3, Stop);
        await ReopenAsync();
        var manifests = await Store.Ticks.ManifestsAsync();
        Assert.Equal([new(first, 3), new(first, 4), new(second, 1)], manifests.Select(m => m.Id));
        var section = Assert.Single(manifests[0].Sections);
        var bucket = Series.Model.BucketOf(Now - Second);
        Assert.Equal((Series.Id, Series.Model.Spec.RollupNs), (section.SeriesId, section.RollupNs));
        Assert.Equal([new(3, bucket), new(3, bucket + Second), new(3, bucket + (2 * Second))], section.Pairs);
        await Store.Ticks.RetireAsync(first, ulong.MaxValue, Stop);
        await Store.Ticks.RetireAsync(first, ulong.MaxValue, Stop);
        Assert.Equal([new FlushId(second, 1)], (await Store.Ticks.ManifestsAsync()).Select(m => m.Id));
    }

    [Fact]
    public async Task A_flush_without_ticks_is_a_flush()
    {
        var epoch = await Store.Ticks.AllocateEpochAsync(Stop);
        await Store.Ticks.CommitAsync(new FlushCommit { Id = new FlushId(epoch, 1) }, Stop);
        Assert.Equal([new FlushId(epoch, 1)], await Store.Ticks.ReadCommittedAsync(Stop));
        Assert.Empty((await Store.Ticks.ManifestsAsync())[0].Sections);
    }

    private static TestTick AsTick(ReadTick t) => new(t.Key, t.Time, t.Sequence, t.Price, t.Size);

    private static IEnumerable<TestTick> Order(IEnumerable<TestTick> ticks) =>
        ticks.OrderBy(t => t.Key).ThenBy(t => t.Time).ThenBy(t => t.Sequence).ThenBy(t => t.Price).ThenBy(t => t.Size);
}
