using Tikr.Core.Delivery;
using Tikr.Core.Dimensions;
using Tikr.Grains;
using Tikr.Grains.Hosting;
using Tikr.Storage;
using Tikr.Tests.Support.Memory;

namespace Tikr.Tests.Grains;

public sealed class LifeTests
{
    [Fact]
    public async Task Open_bars_are_readable_merged_or_recomputed()
    {
        await using var silo = await TestSilo.StartAsync();
        var (merged, recomputed) = (silo.Bucket, silo.Bucket + TestSeries.Second);
        var flush = await silo.CommitAsync(silo.Tick(merged, 10, bit: 1), silo.Tick(recomputed, 10, bit: 2));
        await silo.DeliverAsync(silo.PartialOf(flush, merged), silo.PartialOf(flush, recomputed, recompute: true));
        var bars = await silo.Grain().GetOpenBarsAsync(merged, recomputed + 1);
        Assert.Equal([(merged, 1L), (recomputed, 2L)], bars.Select(bar => (bar.BucketStart, bar.Values[0])));
        Assert.Equal(recomputed, Assert.Single(await silo.Grain().GetOpenBarsAsync(recomputed, long.MaxValue)).BucketStart);
        Assert.True(silo.Bars.IsEmpty);
    }

    [Fact]
    public async Task Key_without_open_buckets_leaves_memory_and_comes_back()
    {
        await using var silo = await TestSilo.StartAsync();
        var bucket = silo.Bucket;
        var flush = await silo.CommitAsync(silo.Tick(bucket, 10, bit: 1));
        await silo.DeliverAsync(silo.PartialOf(flush, bucket));
        silo.PassDue(bucket);
        await silo.Bars.NextAsync();
        await silo.Gateway.WaitCoveredAsync(new BucketRef(silo.Key().KeyId, bucket), flush.Id);
        silo.Time.Advance(TimeSpan.FromSeconds(31));
        await silo.WaitForDeactivationAsync();
        Assert.Equal((0, 0), (silo.Metrics.ActiveKeys, silo.Metrics.OpenBars));

        var later = silo.Bucket;
        var next = await silo.CommitAsync(silo.Tick(later, 10, bit: 2));
        await silo.DeliverAsync(silo.PartialOf(next, later));
        silo.PassDue(later);
        Assert.Equal((later, 2L), await silo.Bars.NextAsync() is var bar ? (bar.BucketStart, bar.Values[0]) : default);
    }

    [Fact]
    public async Task Lost_activation_is_made_good_by_the_next_partial()
    {
        await using var silo = await TestSilo.StartAsync();
        var bucket = silo.Bucket;
        var first = await silo.CommitAsync(silo.Tick(bucket, 10, bit: 1));
        await silo.DeliverAsync(silo.PartialOf(first, bucket));
        await silo.DeactivateAsync();
        Assert.Equal(0, silo.Metrics.OpenBars);
        var second = await silo.CommitAsync(silo.Tick(bucket, 20, bit: 2));
        await silo.DeliverAsync(silo.PartialOf(second, bucket, previous: first.Id.Flush));
        silo.PassDue(bucket);
        Assert.Equal((0, 3L), await silo.Bars.NextAsync() is var bar ? (bar.Revision, bar.Values[0]) : default);
    }

    [Fact]
    public async Task Delivery_that_cannot_be_made_is_counted_and_harms_no_other()
    {
        await using var silo = await TestSilo.StartAsync();
        using var counters = new Counters(silo);
        var bucket = silo.Bucket;
        var unknown = TestSeries.Model("unknown");
        var flush = await silo.CommitAsync(silo.Tick(bucket, 10, bit: 1));
        var partial = silo.PartialOf(flush, bucket);
        await silo.DeliverAsync(
            [new Delivery(new InternedKey(unknown, new DimensionSet(unknown.Spec, ["X"])), partial), new Delivery(silo.Key(), partial)]);
        Assert.Equal(1, counters["tikr.agg.lost_deliveries_total"]);
        Assert.Single(await silo.Grain().GetOpenBarsAsync(0, long.MaxValue));
    }

    [Fact]
    public void Registration_may_be_repeated_and_wrong_options_are_all_named()
    {
        var options = new TikrGrainOptions { MaxBarsPerWrite = 0, IdleTimeout = TimeSpan.Zero };
        var result = new TikrGrainOptionsValidator().Validate(null, options);
        Assert.Equal(
            [
                "TikrGrainOptions.IdleTimeout is 00:00:00: it must be at least 00:00:01.",
                "TikrGrainOptions.MaxBarsPerWrite is 0: it must be at least 1.",
            ],
            result.Failures);
        Assert.True(new TikrGrainOptionsValidator().Validate(null, new TikrGrainOptions()).Succeeded);
    }
}
