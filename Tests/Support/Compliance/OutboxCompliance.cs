using Tikr.Storage;
using static Tikr.Tests.Support.Compliance.Market;

namespace Tikr.Tests.Support.Compliance;

/// <summary>The outbox: entries of bars and of late ticks, ids, sizes, leases.</summary>
public abstract class OutboxCompliance : StoreSuite
{
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);

    private long Bucket => Store.NowNs / Second * Second;

    private int Bars => OutboxPartitions.OfBars(Series.Id, 4, 1);

    private int Late => OutboxPartitions.OfLate(Series.Id, 4, 1);

    [Fact]
    public async Task Results_of_writes_name_the_entries_they_made()
    {
        BarWrite[] writes =
        [
            new(Series, 1, Bar(Bucket, 1), -1, Bars),
            new(Series, 2, Bar(Bucket, 1), -1),
            new(Series, 3, Bar(Bucket, 1), -1, Bars),
            new(Series, 1, Bar(Bucket, 2), 0, Bars),
            new(Series, 1, Bar(Bucket, 3), 5, Bars),
        ];
        var results = await Store.Bars.WriteAsync(writes, Stop);
        var entries = await ReadAsync(Bars);
        Assert.Equal([IdOf(1, 0), 0, IdOf(3, 0), IdOf(1, 1), 0], results.Select(r => r.OutboxId));
        Assert.Equal(3, entries.Count);
        Assert.True(IdOf(1, 1) > IdOf(1, 0));

        var fresh = await Store.Bars.WriteAsync(
            [new BarWrite(Series, 7, Bar(Bucket, 1), -1, Bars), new BarWrite(Series, 8, Bar(Bucket, 1), -1, Bars)], Stop);
        entries = await ReadAsync(Bars);
        Assert.Equal([IdOf(7, 0), IdOf(8, 0)], fresh.Select(r => r.OutboxId));

        ulong IdOf(uint keyId, int revision) => Assert.Single(entries, entry => entry.KeyId == keyId && entry.Bar!.Revision == revision).Id;
    }

    [Fact]
    public async Task A_read_goes_on_after_an_id()
    {
        for (var i = 0; i < 20; i++) await Store.Bars.WriteAsync([new BarWrite(Series, 1, Bar(Bucket + (i * Second), i), -1, Bars)], Stop);
        var all = await ReadAsync(Bars);
        Assert.Equal(all.Skip(8).Select(e => e.Id), (await ReadAsync(Bars, all[7].Id)).Select(e => e.Id));
        Assert.Empty(await ReadAsync(Bars, all[^1].Id));
    }

    [Fact]
    public async Task Sizes_and_partitions_follow_what_is_written_and_deleted_across_restarts()
    {
        Assert.Equal(default, await Store.Outbox.MeasureAsync(Bars, Stop));
        Assert.Empty(await Store.Outbox.ListPartitionsAsync(Stop));
        await Store.Bars.WriteAsync(
            [.. Enumerable.Range(0, 10).Select(i => new BarWrite(Series, 1, Bar(Bucket + (i * Second), i), -1, Bars))], Stop);
        await CommitLateAsync(1, [1, 2, 3]);
        var size = await Store.Outbox.MeasureAsync(Bars, Stop);
        Assert.Equal(10, size.Entries);
        Assert.InRange(size.Bytes, 10 * 20, 10 * 200);
        Assert.Equal(new[] { Bars, Late }.Order(), await Store.Outbox.ListPartitionsAsync(Stop));

        await Store.Outbox.DeleteAsync(Bars, [.. (await ReadAsync(Bars)).Take(6).Select(e => e.Id)], Stop);
        Assert.Equal(4, (await Store.Outbox.MeasureAsync(Bars, Stop)).Entries);
        await ReopenAsync();
        Assert.Equal(4, (await Store.Outbox.MeasureAsync(Bars, Stop)).Entries);
        await Store.Outbox.DeleteAsync(Bars, [.. (await ReadAsync(Bars)).Select(e => e.Id)], Stop);
        Assert.Equal([Late], await Store.Outbox.ListPartitionsAsync(Stop));
    }

    [Fact]
    public async Task Late_ticks_are_committed_with_their_flush_once()
    {
        byte[] request = [.. Enumerable.Range(0, 300).Select(i => (byte)i)];
        var epoch = await Store.Ticks.AllocateEpochAsync(Stop);
        var flush = LateFlush(epoch, 1, request);
        await Store.Ticks.CommitAsync(flush, Stop);
        await Store.Ticks.CommitAsync(flush, Stop);
        await ReopenAsync();
        await Store.Ticks.CommitAsync(LateFlush(epoch, 1, request), Stop);
        var entry = Assert.Single(await ReadAsync(Late));
        Assert.Null(entry.Bar);
        Assert.Equal((1u, Bucket, Series.Id), (entry.KeyId, entry.Routed!.TimeNs, entry.Series.Id));
        Assert.Equal(request, entry.Routed.Request);

        await Store.Ticks.CommitAsync(LateFlush(epoch, 2, [9]), Stop);
        Assert.Equal([300, 1], (await ReadAsync(Late)).Select(e => e.Routed!.Request.Length));
        await Store.Outbox.DeleteAsync(Late, [entry.Id], Stop);
        Assert.Equal([9], Assert.Single(await ReadAsync(Late)).Routed!.Request);
    }

    [Fact]
    public async Task Late_ticks_and_ticks_of_bars_go_in_one_flush()
    {
        var epoch = await Store.Ticks.AllocateEpochAsync(Stop);
        var flush = Flushes.Of(Series, new FlushId(epoch, 1), [new TestTick(1, Bucket, 1, 5, 6)]);
        Route(flush, [1]);
        await Store.Ticks.CommitAsync(flush, Stop);
        Assert.Single(await ReadAsync(Late));
        Assert.Single(await Store.Ticks.ReadTicksAsync(Series, [1], 0, long.MaxValue));
    }

    [Fact]
    public async Task Leases_are_held_until_they_are_let_go()
    {
        int[] wanted = [.. OutboxPartitions.AllOf(Series.Id, 4)];
        Assert.Equal(wanted, await Store.Outbox.HoldAsync("one", wanted, Lease, Stop));
        Assert.Equal(wanted, await Store.Outbox.HoldAsync("one", wanted, Lease, Stop));
        Assert.Empty(await Store.Outbox.HoldAsync("one", null, Lease, Stop));
        Assert.Equal(wanted, await Store.Outbox.HoldAsync("one", wanted, Lease, Stop));
    }

    [Fact]
    public async Task Keys_are_found_by_their_numbers()
    {
        await Store.Keys.ResolveAsync(Series, "A", "X");
        await Store.Keys.ResolveAsync(Series, "B", "a\0b");
        await ReopenAsync();
        await Store.Keys.ResolveAsync(Series, "C", "");
        var found = await Store.Keys.FindByIdAsync(Series, [3, 1, 2, 77], Stop);
        Assert.Equal([(1u, "A", "X"), (2u, "B", "a\0b"), (3u, "C", "")], found.OrderBy(k => k.KeyId)
            .Select(k => (k.KeyId, k.Dimensions.Values[0], k.Dimensions.Values[1])));
        Assert.Empty(await Store.Keys.FindByIdAsync(Series, [], Stop));
    }

    private async Task CommitLateAsync(ulong flush, byte[] request) =>
        await Store.Ticks.CommitAsync(LateFlush(await Store.Ticks.AllocateEpochAsync(Stop), flush, request), Stop);

    private FlushCommit LateFlush(uint epoch, ulong flush, byte[] request)
    {
        var commit = new FlushCommit { Id = new FlushId(epoch, flush) };
        Route(commit, request);
        return commit;
    }

    private void Route(FlushCommit commit, byte[] request)
    {
        commit.Routed.Add(new RoutedRecord(Late, Series.Id, 1, Bucket, commit.Bytes.WrittenCount, request.Length));
        System.Buffers.BuffersExtensions.Write(commit.Bytes, request);
    }

    private async Task<List<OutboxEntry>> ReadAsync(int partition, ulong afterId = 0)
    {
        List<OutboxEntry> entries = [];
        await foreach (var entry in Store.Outbox.ReadAsync(partition, afterId, Stop)) entries.Add(entry);
        return entries;
    }
}
