using Tikr.Core.Delivery;
using Tikr.Core.Time;
using Tikr.Storage;
using Tikr.Tests.Support.Memory;

namespace Tikr.Tests.Grains.Cluster;

/// <summary>Bars of which several gateways bring ticks: the silo's own and one of another silo.</summary>
public sealed class ManyGatewaysTests
{
    [Fact]
    public async Task Partials_of_several_live_gateways_make_one_bar_without_a_recompute()
    {
        await using var silo = await TestSilo.StartAsync();
        using var counters = new Counters(silo);
        var other = await OtherAsync(silo);
        var bucket = silo.Bucket;
        var ours = await silo.CommitAsync(silo.Tick(bucket, 10, bit: 1));
        var theirs = await CommitAsync(silo, other, 1, silo.Tick(bucket, 20, bit: 2));
        var more = await CommitAsync(silo, other, 2, silo.Tick(bucket, 30, bit: 4));
        await silo.DeliverAsync(silo.PartialOf(ours, bucket), silo.PartialOf(theirs, bucket));
        await silo.DeliverAsync(silo.PartialOf(more, bucket, previous: 1));

        silo.Gateway.Live.Advance(other, silo.DueAt(bucket), NowNs(silo));
        silo.PassDue(bucket);
        var bar = await silo.Bars.NextAsync();
        Assert.Equal((7, 0), (bar.Values[0], bar.Revision));
        Assert.Equal(0, counters["tikr.agg.recomputes_total"]);
    }

    [Fact]
    public async Task Bar_waits_for_the_watermark_of_every_gateway_and_one_that_is_final_for_it_speaks_for_itself_alone()
    {
        await using var silo = await TestSilo.StartAsync();
        var other = await OtherAsync(silo);
        var bucket = silo.Bucket;
        silo.Gateway.Live.Advance(other, silo.DueAt(bucket) - 1, NowNs(silo));
        var ours = await silo.CommitAsync(silo.Tick(bucket, 10, bit: 1));
        silo.PassDue(bucket);
        await silo.DeliverAsync(silo.PartialOf(ours, bucket, final: true));
        Assert.True(silo.Bars.IsEmpty);

        var theirs = await CommitAsync(silo, other, 1, silo.Tick(bucket, 20, bit: 2));
        await silo.DeliverAsync(silo.PartialOf(theirs, bucket, final: true));
        var bar = await silo.Bars.NextAsync();
        Assert.Equal((3, 0), (bar.Values[0], bar.Revision));
    }

    [Fact]
    public async Task Gateway_of_another_silo_whose_watermark_no_longer_rises_is_not_waited_for()
    {
        await using var silo = await TestSilo.StartAsync();
        var other = await OtherAsync(silo);
        silo.Time.Advance(TimeSpan.FromSeconds(3));
        var bucket = silo.Bucket;
        var ours = await silo.CommitAsync(silo.Tick(bucket, 10, bit: 1));
        await silo.DeliverAsync(silo.PartialOf(ours, bucket));
        silo.PassDue(bucket);
        var stored = silo.Bars.NextAsync();
        await silo.AdvanceUntilAsync(stored);
        Assert.Equal(0, (await stored).Revision);
        Assert.True(NowNs(silo) < silo.DueAt(bucket) + TimeSpan.FromSeconds(1.9).ToNanoseconds());
        Assert.True(silo.Gateway.Live.Now.IsLive(other));
    }

    [Fact]
    public async Task Bucket_that_holds_ticks_of_a_gateway_that_has_ended_is_recomputed()
    {
        await using var silo = await TestSilo.StartAsync();
        using var counters = new Counters(silo);
        var other = await OtherAsync(silo);
        var bucket = silo.Bucket;
        var theirs = await CommitAsync(silo, other, 1, silo.Tick(bucket, 20, bit: 2));
        await CommitAsync(silo, other, 2, silo.Tick(bucket, 30, bit: 4));
        var ours = await silo.CommitAsync(silo.Tick(bucket, 10, bit: 1));
        await silo.DeliverAsync(silo.PartialOf(ours, bucket), silo.PartialOf(theirs, bucket));

        // What it had committed last was never delivered.
        silo.Gateway.Live.Remove(other);
        silo.PassDue(bucket);
        var bar = await silo.Bars.NextAsync();
        Assert.Equal((7, 0), (bar.Values[0], bar.Revision));
        Assert.Equal(1, counters["tikr.agg.recomputes_total"]);
    }

    [Fact]
    public async Task Past_bucket_closes_once_when_every_gateway_that_announced_it_has_said_so()
    {
        await using var silo = await TestSilo.StartAsync();
        var other = await OtherAsync(silo);
        var bucket = silo.Bucket - (10 * TestSeries.Second);
        var ours = await silo.CommitAsync(silo.Tick(bucket, 10, bit: 1));
        await silo.DeliverAsync(Announcement(silo.Gateway.Epoch, bucket), Announcement(other, bucket));
        await silo.DeliverAsync(silo.PartialOf(ours, bucket, close: true));
        silo.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.True(silo.Bars.IsEmpty);

        var theirs = await CommitAsync(silo, other, 1, silo.Tick(bucket, 20, bit: 2));
        await silo.DeliverAsync(silo.PartialOf(theirs, bucket, close: true));
        var bar = await silo.Bars.NextAsync();
        Assert.Equal((3, 0), (bar.Values[0], bar.Revision));
    }

    [Fact]
    public async Task Delivery_that_is_made_again_is_news_only_to_who_has_not_applied_it()
    {
        await using var silo = await TestSilo.StartAsync();
        using var counters = new Counters(silo);
        var (known, unknown) = (silo.Bucket, silo.Bucket + TestSeries.Second);
        var flush = await silo.CommitAsync(silo.Tick(known, 10, bit: 1), silo.Tick(unknown, 10, bit: 2));
        await silo.DeliverAsync(silo.PartialOf(flush, known));
        await silo.DeliverAsync(Again(silo, flush, known), Again(silo, flush, unknown));
        silo.PassDue(known);
        Assert.Equal(1, (await silo.Bars.NextAsync()).Values[0]);
        Assert.Equal(0, counters["tikr.agg.recomputes_total"]);

        silo.Gateway.DeliveredThroughNs = silo.DueAt(unknown);
        var next = silo.Bars.NextAsync();
        await silo.AdvanceUntilAsync(next);
        Assert.Equal(2, (await next).Values[0]);
        Assert.Equal(1, counters["tikr.agg.recomputes_total"]);
    }

    private static Partial Announcement(uint epoch, long bucket) => new() { Epoch = epoch, BucketStart = bucket, Announces = true };

    private static Partial Again(TestSilo silo, TestFlush flush, long bucket) => new()
    {
        Epoch = flush.Id.Epoch,
        FromFlush = flush.Id.Flush,
        ToFlush = flush.Id.Flush,
        BucketStart = bucket,
        DueNs = silo.DueAt(bucket),
        IsAgain = true,
    };

    private static long NowNs(TestSilo silo) => Instant.MonotonicOf(silo.Time);

    private static async Task<uint> OtherAsync(TestSilo silo)
    {
        var epoch = await silo.Store.AllocateEpochAsync(default);
        silo.Gateway.Live.Add(epoch, new NoCoverage(), NowNs(silo), isRemote: true);
        return epoch;
    }

    private static async Task<TestFlush> CommitAsync(TestSilo silo, uint epoch, ulong flush, params TestTick[] ticks)
    {
        var committed = TestFlush.Of(silo.Series, new FlushId(epoch, flush), ticks);
        await silo.Store.CommitAsync(committed.ToCommit(), default);
        return committed;
    }

    private sealed class NoCoverage : ICoverageSink
    {
        public void Covered(ushort seriesId, uint keyId, long bucketStart, ulong throughFlush)
        {
        }
    }
}
