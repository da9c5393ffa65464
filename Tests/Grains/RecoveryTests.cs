using Microsoft.Extensions.DependencyInjection;
using Tikr.Core.Delivery;
using Tikr.Grains.Recovery;
using Tikr.Storage;
using Tikr.Tests.Support.Memory;

namespace Tikr.Tests.Grains;

public sealed class RecoveryTests
{
    [Fact]
    public async Task Bars_that_a_crash_left_open_are_stored_before_the_gateway_starts()
    {
        var disk = new MemoryDisk();
        long bucket;
        await using (var crashed = await TestSilo.StartAsync(disk: disk))
        {
            bucket = crashed.Bucket - (10 * TestSeries.Second);
            var flush = await crashed.CommitAsync(crashed.Tick(bucket, 10, bit: 1));
            await crashed.CommitAsync(crashed.Tick(bucket, 20, bit: 2), crashed.Tick(bucket + TestSeries.Second, 0, bit: 4));
            await crashed.DeliverAsync(crashed.PartialOf(flush, bucket));
            crashed.Store.Crash();
        }

        await using var silo = await TestSilo.StartAsync(disk: disk);
        Assert.Empty(await silo.RecoverAsync());
        Assert.Equal([3L, 4L], disk.BarsOf(silo.Series).Select(bar => bar.Bar.Values[0]));
        Assert.Empty(disk.Unretired);
    }

    [Fact]
    public async Task Pair_not_due_yet_is_handed_over_and_closed_when_due_although_no_tick_follows()
    {
        var disk = new MemoryDisk();
        await using var silo = await TestSilo.StartAsync(disk: disk);
        var bucket = silo.Bucket;
        await silo.CommitAsync(silo.Tick(bucket, 10, bit: 1));
        await silo.NewEpochAsync();
        var open = await silo.RecoverAsync();
        Assert.Equal([new RecoveredPair(silo.Series.Id, silo.Key().KeyId, bucket)], open);
        Assert.Single(disk.Unretired);

        silo.Gateway.DeliveredThroughNs = long.MaxValue;
        var retired = new TaskCompletionSource();
        silo.Store.Faults.OnRetired = _ => retired.TrySetResult();
        await silo.AdvanceUntilAsync(retired.Task);
        Assert.Equal((0, 1L), await silo.Bars.NextAsync() is var bar ? (bar.Revision, bar.Values[0]) : default);
    }

    [Fact]
    public async Task Pair_handed_over_closes_whole_when_further_ticks_follow()
    {
        await using var silo = await TestSilo.StartAsync();
        var bucket = silo.Bucket;
        await silo.CommitAsync(silo.Tick(bucket, 10, bit: 1));
        await silo.NewEpochAsync();
        await silo.RecoverAsync();
        var flush = await silo.CommitAsync(silo.Tick(bucket, 20, bit: 2));
        await silo.DeliverAsync(silo.PartialOf(flush, bucket, recompute: true));
        silo.PassDue(bucket);
        Assert.Equal((0, 3L), await silo.Bars.NextAsync() is var bar ? (bar.Revision, bar.Values[0]) : default);
    }

    [Fact]
    public async Task Pairs_that_stay_uncovered_are_recomputed_on_request()
    {
        await using var silo = await TestSilo.StartAsync();
        await silo.RecoverAsync();
        var bucket = silo.Bucket - (10 * TestSeries.Second);
        var flush = await silo.CommitAsync(silo.Tick(bucket, 10, bit: 1));
        await silo.RecomputeAsync(bucket);
        await silo.Gateway.WaitCoveredAsync(new BucketRef(silo.Key().KeyId, bucket), flush.Id);
        Assert.Equal(1, (await silo.Bars.NextAsync()).Values[0]);
    }

    [Fact]
    public async Task Bucket_below_complete_from_is_not_recomputed_and_does_not_hold_up_its_manifest()
    {
        await using var silo = await TestSilo.StartAsync();
        var (expired, kept) = (silo.Bucket - (20 * TestSeries.Second), silo.Bucket - (10 * TestSeries.Second));
        await silo.CommitAsync(silo.Tick(expired, 10, bit: 1), silo.Tick(kept, 10, bit: 2));
        silo.Store.Expire(silo.Series, expired + 1);
        await silo.NewEpochAsync();
        Assert.Empty(await silo.RecoverAsync());
        Assert.Equal([kept], silo.Store.Disk.BarsOf(silo.Series).Select(bar => bar.Bar.BucketStart));
        Assert.Empty(silo.Store.Disk.Unretired);
    }

    [Fact]
    public async Task Manifest_of_another_granularity_stands_for_the_present_buckets()
    {
        var disk = new MemoryDisk();
        await using (var before = await TestSilo.StartAsync(model: TestSeries.Model(rollupNs: 4 * TestSeries.Second), disk: disk))
        {
            var bucket = before.Bucket - (40 * TestSeries.Second);
            await before.CommitAsync(before.Tick(bucket, 0, bit: 1), before.Tick(bucket, 3_500, bit: 2));
        }

        await using var silo = await TestSilo.StartAsync(disk: disk);
        Assert.Empty(await silo.RecoverAsync());
        Assert.Equal([1L, 2L], disk.BarsOf(silo.Series).Select(bar => bar.Bar.Values[0]));
        Assert.Empty(disk.Unretired);
    }

    [Fact]
    public async Task A_day_becomes_milliseconds_of_which_those_with_ticks_are_recovered()
    {
        const long Millisecond = 1_000_000, Day = 86_400 * TestSeries.Second;
        var disk = new MemoryDisk();
        await using (var before = await TestSilo.StartAsync(model: TestSeries.Model(rollupNs: Day), disk: disk))
        {
            var day = before.Bucket - Day;
            await before.CommitAsync(before.Tick(day, 0, bit: 1), before.Tick(day, 1, bit: 2), before.Tick(day, 86_399_999, bit: 4));
        }

        await using var silo = await TestSilo.StartAsync(model: TestSeries.Model(rollupNs: Millisecond), disk: disk);
        Assert.Empty(await silo.RecoverAsync());
        Assert.Equal([1L, 2L, 4L], disk.BarsOf(silo.Series).Select(bar => bar.Bar.Values[0]));
        Assert.Empty(disk.Unretired);
    }

    [Fact]
    public async Task Manifest_of_a_series_not_configured_now_holds_up_nobody_elses()
    {
        var disk = new MemoryDisk();
        await using (var before = await TestSilo.StartAsync(model: TestSeries.Model("gone"), disk: disk))
            await before.CommitAsync(before.Tick(before.Bucket - (40 * TestSeries.Second), 0, bit: 1));
        await using (var crashed = await TestSilo.StartAsync(disk: disk))
            await crashed.CommitAsync(crashed.Tick(crashed.Bucket - (10 * TestSeries.Second), 10, bit: 1));
        await using var silo = await TestSilo.StartAsync(disk: disk);
        Assert.Empty(await silo.RecoverAsync());
        Assert.Single(disk.BarsOf(silo.Series));
        Assert.NotEqual(silo.Series.Id, Assert.Single(Assert.Single(disk.Unretired).Sections).SeriesId);
    }

    [Fact]
    public async Task Manifest_of_a_series_not_configured_now_is_kept()
    {
        var disk = new MemoryDisk();
        await using (var before = await TestSilo.StartAsync(model: TestSeries.Model("gone"), disk: disk))
            await before.CommitAsync(before.Tick(before.Bucket - (40 * TestSeries.Second), 0, bit: 1));
        await using var silo = await TestSilo.StartAsync(disk: disk);
        Assert.Empty(await silo.RecoverAsync());
        Assert.Single(disk.Unretired);
    }

    [Fact]
    public async Task What_another_silo_left_is_recovered_while_this_one_runs_once_it_is_sealed_and_not_before()
    {
        await using var silo = await TestSilo.StartAsync();
        var recovery = silo.Services.GetRequiredService<RecoveryService>();
        List<LeftPairs> left = [];
        recovery.Left += left.Add;
        Assert.Empty(await silo.RecoverAsync());
        var (dead, epoch, bucket) = await LeaveAsync(silo);
        await recovery.SweepNowAsync();
        Assert.Single(silo.Store.Disk.Unretired);
        Assert.Empty(left);

        await silo.Store.SealAsync(dead.Name, Stop);
        await recovery.SweepNowAsync();
        Assert.Equal(1, silo.Store.Disk.BarOf(silo.Series, silo.Key().KeyId, bucket)!.Values[0]);
        Assert.Empty(silo.Store.Disk.Unretired);
        var pairs = Assert.Single(left);
        Assert.Equal([epoch], pairs.Epochs);
        var pair = new RecoveredPair(silo.Series.Id, silo.Key().KeyId, bucket);
        Assert.Equal([new(pair, [new FlushId(epoch, 1)])], pairs.Pairs);
        Assert.False(recovery.HasOpenPairs);
    }

    [Fact]
    public async Task What_another_silo_recovers_is_left_to_it_until_it_lets_go()
    {
        await using var silo = await TestSilo.StartAsync();
        var recovery = silo.Services.GetRequiredService<RecoveryService>();
        await silo.RecoverAsync();
        var (dead, _, _) = await LeaveAsync(silo);
        var other = new MemoryStore(silo.Store.Disk, silo.Time);
        await other.SealAsync(dead.Name, Stop);
        await using (await other.TakeForRecoveryAsync([dead.Name], Stop))
        {
            await recovery.SweepNowAsync();
            Assert.Single(silo.Store.Disk.Unretired);
            Assert.True(recovery.HasOpenPairs);
        }

        await recovery.SweepNowAsync();
        Assert.Empty(silo.Store.Disk.Unretired);
        Assert.False(recovery.HasOpenPairs);
    }

    [Fact]
    public async Task Manifests_that_could_not_be_retired_are_retired_by_a_later_sweep()
    {
        await using var silo = await TestSilo.StartAsync();
        var recovery = silo.Services.GetRequiredService<RecoveryService>();
        await silo.RecoverAsync();
        var (dead, _, _) = await LeaveAsync(silo);
        await silo.Store.SealAsync(dead.Name, Stop);
        silo.Store.Faults.OnAnyWrite = what => what == StoreWrite.Retirement ? Fault.NotDone : Fault.None;
        await recovery.SweepNowAsync();
        Assert.Single(silo.Store.Disk.Unretired);
        silo.Store.Faults.OnAnyWrite = null;
        await recovery.SweepNowAsync();
        Assert.Empty(silo.Store.Disk.Unretired);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    // A silo that began later has committed a tick of a bucket that is due, and has done no more.
    private static async Task<(Incarnation Dead, uint Epoch, long Bucket)> LeaveAsync(TestSilo silo)
    {
        var store = new MemoryStore(silo.Store.Disk, silo.Time);
        var incarnation = new Incarnation("S10.0.0.2:9090@1", "10.0.0.2:9090", "");
        var series = (await store.OpenAsync([silo.Model], Stop))[0];
        await store.RegisterAsync(incarnation, Stop);
        var epoch = await store.AllocateEpochAsync(Stop);
        var bucket = silo.Bucket - (10 * TestSeries.Second);
        await store.CommitAsync(TestFlush.Of(series, new FlushId(epoch, 1), [silo.Tick(bucket, 10, bit: 1)]).ToCommit(), Stop);
        return (incarnation, epoch, bucket);
    }
}
