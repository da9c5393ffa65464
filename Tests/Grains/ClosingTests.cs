using Tikr.Core.Delivery;
using Tikr.Storage;
using Tikr.Tests.Support.Memory;

namespace Tikr.Tests.Grains;

public sealed class ClosingTests
{
    [Fact]
    public async Task Bar_closes_at_bucket_end_plus_grace_and_not_before()
    {
        await using var silo = await TestSilo.StartAsync();
        var bucket = silo.Bucket;
        var flush = await silo.CommitAsync(silo.Tick(bucket, 10, bit: 1, value: 7), silo.Tick(bucket, 20, bit: 2, value: 9));
        await silo.DeliverAsync(silo.PartialOf(flush, bucket));

        silo.Gateway.DeliveredThroughNs = long.MaxValue;
        silo.Time.Advance(TimeSpan.FromMilliseconds(1_199));
        Assert.Single(await silo.Grain().GetOpenBarsAsync(bucket, bucket + 1));
        Assert.True(silo.Bars.IsEmpty);

        silo.PassDue(bucket);
        var bar = await silo.Bars.NextAsync();
        Assert.Equal(0, bar.Revision);
        Assert.True(bar.SameContent(SortedPass.BarOf(silo.Model, flush.Ticks)));
        await silo.Gateway.WaitCoveredAsync(new BucketRef(silo.Key().KeyId, bucket), flush.Id);
        Assert.Single(silo.Store.Disk.OutboxEntries);
    }

    [Fact]
    public async Task Key_that_falls_silent_still_closes_each_of_its_buckets()
    {
        await using var silo = await TestSilo.StartAsync();
        var (first, second) = (silo.Bucket, silo.Bucket + TestSeries.Second);
        var flush = await silo.CommitAsync(silo.Tick(first, 10, bit: 1), silo.Tick(second, 10, bit: 2));
        await silo.DeliverAsync(silo.PartialOf(flush, first), silo.PartialOf(flush, second));
        silo.PassDue(first);
        Assert.Equal(first, (await silo.Bars.NextAsync()).BucketStart);
        await silo.Gateway.WaitCoveredAsync(new BucketRef(silo.Key().KeyId, first), flush.Id);
        silo.Gateway.DeliveredThroughNs = silo.DueAt(second);
        var next = silo.Bars.NextAsync();
        await silo.AdvanceUntilAsync(next);
        Assert.Equal(second, (await next).BucketStart);
    }

    [Fact]
    public async Task Last_partial_before_the_due_time_closes_its_bar_without_waiting_for_the_others()
    {
        await using var silo = await TestSilo.StartAsync();
        var (bucket, other) = (silo.Bucket, silo.Bucket + TestSeries.Second);
        var flush = await silo.CommitAsync(silo.Tick(bucket, 10, bit: 1), silo.Tick(other, 10, bit: 2));
        silo.PassDue(bucket, delivered: false);
        await silo.DeliverAsync(silo.PartialOf(flush, other), silo.PartialOf(flush, bucket, final: true));
        Assert.Equal(bucket, (await silo.Bars.NextAsync()).BucketStart);
        await silo.Gateway.WaitCoveredAsync(new BucketRef(silo.Key().KeyId, bucket), flush.Id);
        Assert.True(silo.Bars.IsEmpty);
    }

    [Fact]
    public async Task Bar_waits_for_a_gateway_that_lags_and_takes_what_it_brings()
    {
        await using var silo = await TestSilo.StartAsync();
        var bucket = silo.Bucket;
        var first = await silo.CommitAsync(silo.Tick(bucket, 10, bit: 1));
        await silo.DeliverAsync(silo.PartialOf(first, bucket));
        silo.PassDue(bucket, delivered: false);
        var second = await silo.CommitAsync(silo.Tick(bucket, 20, bit: 2));
        await silo.DeliverAsync(silo.PartialOf(second, bucket, previous: first.Id.Flush));
        Assert.True(silo.Bars.IsEmpty);

        silo.Gateway.DeliveredThroughNs = silo.DueAt(bucket);
        var stored = silo.Bars.NextAsync();
        await silo.AdvanceUntilAsync(stored);
        Assert.Equal(3, (await stored).Values[0]);
        Assert.Equal(0, (await stored).Revision);
    }

    [Fact]
    public async Task Bar_closes_without_a_gateway_after_max_close_delay_and_the_delay_is_counted_apart()
    {
        await using var silo = await TestSilo.StartAsync();
        using var counters = new Counters(silo);
        var bucket = silo.Bucket;
        var first = await silo.CommitAsync(silo.Tick(bucket, 10, bit: 1));
        await silo.DeliverAsync(silo.PartialOf(first, bucket));
        silo.Time.Advance(TimeSpan.FromSeconds(3.3));
        var stored = silo.Bars.NextAsync();
        await silo.AdvanceUntilAsync(stored);
        Assert.Equal(1, (await stored).Values[0]);
        await silo.Gateway.WaitCoveredAsync(new BucketRef(silo.Key().KeyId, bucket), first.Id);

        var second = await silo.CommitAsync(silo.Tick(bucket, 20, bit: 2));
        await silo.DeliverAsync(silo.PartialOf(second, bucket, previous: first.Id.Flush));
        Assert.Equal((3, 1), ((await silo.Bars.NextAsync()).Values[0], counters["tikr.agg.delayed_ticks_total"]));
        Assert.Equal(0, counters["tikr.agg.late_ticks_total"]);
    }

    [Fact]
    public async Task Past_bucket_closes_when_its_gateway_says_so()
    {
        await using var silo = await TestSilo.StartAsync();
        var bucket = silo.Bucket - (60 * TestSeries.Second);
        var flush = await silo.CommitAsync(silo.Tick(bucket, 10, bit: 1));
        await silo.DeliverAsync(silo.PartialOf(flush, bucket, close: true));
        Assert.Equal((bucket, 0), await silo.Bars.NextAsync() is var bar ? (bar.BucketStart, bar.Revision) : default);
    }

    [Fact]
    public async Task Above_the_timer_limit_one_sweep_closes_the_bars_of_all_keys()
    {
        await using var silo = await TestSilo.StartAsync(options => options.ActiveTimerLimit = 0);
        var bucket = silo.Bucket;
        string[] symbols = [.. Enumerable.Range(0, 500).Select(i => $"S{i}")];
        var flush = await silo.CommitAsync([.. symbols.Select((symbol, i) => silo.Tick(bucket, i, bit: 1, symbol: symbol))]);
        await silo.DeliverAsync(
            [.. symbols.Select(symbol => new Delivery(silo.Key(symbol), silo.PartialOf(flush, bucket, symbol: symbol)))]);
        Assert.Equal((500, 500), (silo.Metrics.OpenBars, silo.Metrics.ActiveKeys));
        silo.PassDue(bucket);
        for (var i = 0; i < symbols.Length; i++) Assert.Equal(0, (await silo.Bars.NextAsync()).Revision);
        Assert.True(silo.Bars.IsEmpty);
    }

    [Fact]
    public async Task Failed_write_is_tried_again_and_nothing_is_lost_or_published_twice()
    {
        await using var silo = await TestSilo.StartAsync();
        var faults = new Queue<Fault>([Fault.NotDone, Fault.AnswerLost]);
        silo.Store.Faults.OnWrite = _ => faults.TryDequeue(out var fault) ? fault : Fault.None;
        var bucket = silo.Bucket;
        var flush = await silo.CommitAsync(silo.Tick(bucket, 10, bit: 1));
        await silo.DeliverAsync(silo.PartialOf(flush, bucket));
        silo.PassDue(bucket);
        silo.Gateway.DeliveredThroughNs = long.MaxValue;
        await silo.AdvanceUntilAsync(silo.Gateway.WaitCoveredAsync(new BucketRef(silo.Key().KeyId, bucket), flush.Id));
        Assert.Empty(faults);
        Assert.Equal(0, Assert.Single(silo.Store.Disk.OutboxEntries).Bar!.Revision);
        Assert.Equal(0, silo.Metrics.OpenBars);
    }
}
