using Microsoft.Extensions.DependencyInjection;
using Tikr.Core.Rollup;
using Tikr.Core.Specs;
using Tikr.Grains.Rebuilding;
using Tikr.Storage;
using Tikr.Tests.Support.Memory;

namespace Tikr.Tests.Grains;

/// <summary>A spec that makes other bars of the stored ticks than the one before.</summary>
public sealed class RebuildTests
{
    private const long Second = TestSeries.Second, Minute = 60 * Second;
    private readonly MemoryDisk _disk = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Late_tick_of_a_longer_bucket_finds_the_ticks_of_the_shorter_ones()
    {
        long bucket;
        await using (var before = await TestSilo.StartAsync(disk: _disk))
        {
            bucket = before.Bucket - (20 * Second);
            await CloseAsync(before, [.. Enumerable.Range(0, 1_000).Select(i => before.Tick(bucket, i * 10, bit: 1))]);
        }

        await using var silo = await TestSilo.StartAsync(model: TestSeries.Model(rollupNs: 10 * Second), disk: _disk);
        var late = await silo.CommitAsync(silo.Tick(bucket, 9_999, bit: 1));
        await silo.DeliverAsync(silo.PartialOf(late, bucket, close: true));
        var bar = await silo.Bars.NextAsync();
        Assert.Equal((bucket, 0, 1_001L), (bar.BucketStart, bar.Revision, bar.TickCount));
    }

    [Fact]
    public async Task Bucket_that_is_open_at_the_change_holds_the_ticks_from_both_sides_of_it()
    {
        long minute;
        await using (var before = await TestSilo.StartAsync(disk: _disk))
        {
            minute = before.Bucket / Minute * Minute;
            await CloseAsync(before, [.. Enumerable.Range(0, 30).Select(i => before.Tick(minute, i * 100, bit: 1))]);
        }

        await using var silo = await TestSilo.StartAsync(model: TestSeries.Model(rollupNs: Minute), disk: _disk);
        var fresh = await silo.CommitAsync(silo.Tick(minute, 40_000, bit: 1), silo.Tick(minute, 40_001, bit: 1));
        await silo.DeliverAsync(silo.PartialOf(fresh, minute));
        silo.PassDue(minute);
        var bar = await silo.Bars.NextAsync();
        Assert.Equal((minute, 0, 32L), (bar.BucketStart, bar.Revision, bar.TickCount));
    }

    [Fact]
    public async Task Bucket_that_is_open_at_the_change_closes_and_is_published_although_no_tick_follows()
    {
        long minute;
        await using (var before = await TestSilo.StartAsync(disk: _disk))
        {
            minute = before.Bucket / Minute * Minute;
            await CloseAsync(before, [.. Enumerable.Range(0, 30).Select(i => before.Tick(minute, i * 100, bit: 1))]);
        }

        await using var silo = await TestSilo.StartAsync(model: TestSeries.Model(rollupNs: Minute), disk: _disk);
        var rebuilds = silo.Services.GetRequiredService<RebuildService>();
        await MakeAllAsync(rebuilds);
        Assert.Empty(_disk.BarsOf(silo.Series));
        silo.PassDue(minute);
        silo.Time.Advance(TimeSpan.FromSeconds(3));
        await MakeAllAsync(rebuilds);
        Assert.Equal([30L], _disk.BarsOf(silo.Series).Select(bar => bar.Bar.TickCount));
        Assert.Equal(minute, _disk.OutboxEntries[^1].Bar!.BucketStart);
        Assert.True(silo.Store.RebuildOf(silo.Series).IsDone);
    }

    [Theory]
    [InlineData(RebuildPolicy.Store)]
    [InlineData(RebuildPolicy.Publish)]
    public async Task New_metric_is_filled_in_for_every_bar_that_stored_ticks_can_make(RebuildPolicy policy)
    {
        await using (var before = await TestSilo.StartAsync(disk: _disk))
            await CloseAsync(before, TicksOfTwoHours(before));
        var published = _disk.OutboxEntries.Count;

        await using var silo = await TestSilo.StartAsync(model: WithSpread(policy), disk: _disk);
        Assert.All(_disk.BarsOf(silo.Series), bar => Assert.False(Read(silo, bar).Has(6)));
        await RebuildAsync(silo);
        var bars = _disk.BarsOf(silo.Series);
        Assert.Equal(200, bars.Count);
        Assert.All(bars, bar => Assert.Equal((1, true), (bar.Bar.Revision, Read(silo, bar).Has(6))));
        Assert.Equal(policy == RebuildPolicy.Publish ? bars.Count : 0, _disk.OutboxEntries.Count - published);
    }

    [Fact]
    public async Task Rebuild_that_is_published_stops_short_of_its_share_of_the_outbox_and_goes_on_when_there_is_room()
    {
        const int Bars = RebuildService.OutboxShare + 1_000;
        await using (var before = await TestSilo.StartAsync(disk: _disk))
        {
            var last = before.Bucket - (10 * Second);
            await CloseAsync(before, [.. Enumerable.Range(0, Bars).Select(i => before.Tick(last - (i * Second), 10, bit: 1))]);
            await EmptyOutboxAsync(before);
        }

        await using var silo = await TestSilo.StartAsync(model: WithSpread(RebuildPolicy.Publish), disk: _disk);
        silo.Gateway.DeliveredThroughNs = long.MaxValue;
        silo.Time.Advance(TimeSpan.FromSeconds(30));
        var rebuilds = silo.Services.GetRequiredService<RebuildService>();
        await MakeAllAsync(rebuilds);
        Assert.Equal(RebuildService.OutboxShare, _disk.OutboxEntries.Count);
        Assert.False(await rebuilds.StepAsync(Stop));

        await EmptyOutboxAsync(silo);
        await MakeAllAsync(rebuilds);
        Assert.Equal(Bars - RebuildService.OutboxShare, _disk.OutboxEntries.Count);
        Assert.True(silo.Store.RebuildOf(silo.Series).IsDone);
    }

    [Fact]
    public async Task Rebuild_that_a_crash_interrupts_goes_on_where_it_was()
    {
        await using (var before = await TestSilo.StartAsync(disk: _disk))
            await CloseAsync(before, TicksOfTwoHours(before));
        for (var starts = 0; starts < 50; starts++)
        {
            await using var silo = await TestSilo.StartAsync(model: WithSpread(RebuildPolicy.Store), disk: _disk);
            if (silo.Store.RebuildOf(silo.Series) is { } left && left.Below <= left.DownTo)
            {
                Assert.All(_disk.BarsOf(silo.Series), bar => Assert.Equal((1, true), (bar.Bar.Revision, Read(silo, bar).Has(6))));
                return;
            }

            var rebuilds = silo.Services.GetRequiredService<RebuildService>();
            for (var i = 0; i < 3; i++) await rebuilds.StepAsync(Stop);
            silo.Store.Crash();
        }

        Assert.Fail("It never came to its end.");
    }

    [Fact]
    public async Task Store_that_fails_costs_a_rebuild_nothing_but_time()
    {
        await using (var before = await TestSilo.StartAsync(disk: _disk))
            await CloseAsync(before, TicksOfTwoHours(before));
        await using var silo = await TestSilo.StartAsync(model: WithSpread(RebuildPolicy.Store), disk: _disk);
        var rebuilds = silo.Services.GetRequiredService<RebuildService>();
        silo.Store.Faults.OnWrite = _ => Fault.NotDone;
        var failing = MakeAllAsync(rebuilds);
        await silo.AdvanceUntilAsync(failing.ContinueWith(_ => { }, TaskScheduler.Default));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => failing);
        silo.Store.Faults.OnWrite = null;
        await RebuildAsync(silo);
        Assert.All(_disk.BarsOf(silo.Series), bar => Assert.True(Read(silo, bar).Has(6)));
    }

    [Fact]
    public async Task Series_that_cannot_be_rebuilt_holds_up_no_other()
    {
        foreach (var name in new[] { "market", "other" })
        {
            await using var before = await TestSilo.StartAsync(model: TestSeries.Model(name), disk: _disk);
            await CloseAsync(before, TicksOfTwoHours(before));
        }

        await using var silo = await TestSilo.StartAsync(model: WithSpread(RebuildPolicy.Store), disk: _disk);
        var other = (await silo.Store.OpenAsync([WithSpread(RebuildPolicy.Store, "other")], Stop))[0];
        silo.Services.GetRequiredService<SeriesDirectory>().Add(other);
        silo.Store.Faults.OnWrite = writes => writes[0].Series == silo.Series ? Fault.NotDone : Fault.None;
        silo.Services.GetRequiredService<RebuildService>().Start();

        var deadline = TestSilo.Deadline("the other series to be made again");
        while (!silo.Store.RebuildOf(other).IsDone)
        {
            deadline.ThrowIfCancellationRequested();
            silo.Time.Advance(TimeSpan.FromMilliseconds(50));
            await silo.Grain().GetOpenBarsAsync(0, 0);
        }

        Assert.All(_disk.BarsOf(other), bar => Assert.Equal(1, bar.Bar.Revision));
        Assert.All(_disk.BarsOf(silo.Series), bar => Assert.Equal(0, bar.Bar.Revision));
    }

    [Fact]
    public async Task Spec_that_makes_the_same_bars_rebuilds_nothing()
    {
        await using (var before = await TestSilo.StartAsync(disk: _disk))
            await CloseAsync(before, TicksOfTwoHours(before));
        var spec = TestSeries.Model().Spec;
        var reordered = new SeriesModel(spec with
        {
            Metrics = [.. spec.Metrics.Reverse()],
            Late = LatePolicy.Drop,
            MissingField = MissingFieldPolicy.Reject,
            GraceNs = 0,
        });
        await using var silo = await TestSilo.StartAsync(model: reordered, disk: _disk);
        Assert.True(silo.Store.RebuildOf(silo.Series).IsDone);
        Assert.Equal(0, silo.Series.ProvenFrom);
    }

    [Fact]
    public async Task Ticks_ahead_of_the_clock_are_not_proven_by_what_comes_later()
    {
        long ahead;
        await using (var before = await TestSilo.StartAsync(disk: _disk))
        {
            ahead = before.Bucket + (3_600 * Second);
            await before.CommitAsync(before.Tick(ahead, 100, bit: 1));
            await before.RecomputeAsync(ahead);
        }

        await using var silo = await TestSilo.StartAsync(model: TestSeries.Model(rollupNs: 10 * Second), disk: _disk);
        var later = await silo.CommitAsync(silo.Tick(ahead, 200, bit: 1));
        await silo.DeliverAsync(silo.PartialOf(later, ahead, close: true));
        Assert.Equal(2, (await silo.Bars.NextAsync()).TickCount);
    }

    [Fact]
    public async Task Tick_of_a_bucket_that_lost_ticks_gets_no_bar_of_its_own()
    {
        await using var silo = await TestSilo.StartAsync(disk: _disk);
        var bucket = silo.Bucket - (20 * Second);
        await silo.CommitAsync([.. Enumerable.Range(0, 100).Select(i => silo.Tick(bucket, i, bit: 1))]);
        var late = await silo.CommitAsync(silo.Tick(bucket, 500, bit: 1));
        silo.Store.Expire(silo.Series, bucket + (5 * Second));
        await silo.DeliverAsync(silo.PartialOf(late, bucket, close: true));
        await silo.Gateway.WaitCoveredAsync(new BucketRef(silo.Key().KeyId, bucket), late.Id);
        Assert.Empty(_disk.BarsOf(silo.Series));
    }

    private static SeriesModel WithSpread(RebuildPolicy policy, string name = "market")
    {
        var spec = TestSeries.Model(name).Spec;
        return new SeriesModel(spec with
        {
            Metrics = [.. spec.Metrics, new MetricSpec("total", "value", FieldType.Int64, "sum")],
            Rebuild = policy,
        });
    }

    // 100 buckets of two keys, most of an hour apart, so that windows are empty, and full.
    private static TestTick[] TicksOfTwoHours(TestSilo silo) =>
    [
        .. from key in new[] { "ABC", "XYZ" }
           from i in Enumerable.Range(0, 100)
           select silo.Tick(silo.Bucket - 7_200 * Second + (i % 50 * Second) + (i / 50 * 7_000 * Second), 10, bit: 1, symbol: key),
    ];

    private async Task EmptyOutboxAsync(TestSilo silo)
    {
        foreach (var partition in await silo.Store.ListPartitionsAsync(Stop))
            await silo.Store.DeleteAsync(partition, [.. _disk.OutboxEntries.Select(entry => entry.Id)], Stop);
    }

    // Commits ticks and stores their bars as recovery does.
    private static async Task CloseAsync(TestSilo silo, TestTick[] ticks)
    {
        await silo.CommitAsync(ticks);
        await silo.NewEpochAsync();
        await silo.RecoverAsync();
        Assert.Empty(silo.Store.Disk.Unretired);
    }

    private static async Task RebuildAsync(TestSilo silo)
    {
        silo.Gateway.DeliveredThroughNs = long.MaxValue;
        silo.Time.Advance(TimeSpan.FromSeconds(30));
        await MakeAllAsync(silo.Services.GetRequiredService<RebuildService>());
        Assert.True(silo.Store.RebuildOf(silo.Series).IsDone);
    }

    private static async Task MakeAllAsync(RebuildService rebuilds)
    {
        while (await rebuilds.StepAsync(Stop)) { }
    }

    // The bar as a reader gets it, with the metrics of the present spec.
    private static Bar Read(TestSilo silo, (uint KeyId, Bar Bar) stored) =>
        silo.Store.FindAsync(silo.Series, stored.KeyId, stored.Bar.BucketStart, default).AsTask().GetAwaiter().GetResult()!;
}
