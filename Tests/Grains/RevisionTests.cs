using Tikr.Core.Specs;
using Tikr.Storage;
using Tikr.Tests.Support.Memory;

namespace Tikr.Tests.Grains;

public sealed class RevisionTests
{
    [Fact]
    public async Task Late_tick_revises_its_closed_bar()
    {
        await using var silo = await TestSilo.StartAsync();
        using var counters = new Counters(silo);
        var (bucket, first) = await ClosedBarAsync(silo);
        var late = await silo.CommitAsync(silo.Tick(bucket, 5, bit: 2, value: 99));
        await silo.DeliverAsync(silo.PartialOf(late, bucket, previous: first.Id.Flush));
        var revised = await silo.Bars.NextAsync();
        Assert.Equal(1, revised.Revision);
        Assert.True(revised.SameContent(SortedPass.BarOf(silo.Model, [.. first.Ticks, .. late.Ticks])));
        await silo.Gateway.WaitCoveredAsync(Pair(silo, bucket), late.Id);
        Assert.Equal(1, counters["tikr.agg.late_ticks_total"]);
    }

    [Fact]
    public async Task Late_ticks_soon_after_the_close_are_merged_without_a_scan()
    {
        await using var silo = await TestSilo.StartAsync();
        using var counters = new Counters(silo);
        var (bucket, first) = await ClosedBarAsync(silo);
        var late = await silo.CommitAsync(silo.Tick(bucket, 5, bit: 2));
        var later = await silo.CommitAsync(silo.Tick(bucket, 6, bit: 4));
        await silo.DeliverAsync(silo.PartialOf(late, bucket, previous: first.Id.Flush));
        Assert.Equal((1, 3L), await silo.Bars.NextAsync() is var one ? (one.Revision, one.Values[0]) : default);
        await silo.DeliverAsync(silo.PartialOf(later, bucket, previous: late.Id.Flush));
        Assert.Equal((2, 7L), await silo.Bars.NextAsync() is var two ? (two.Revision, two.Values[0]) : default);
        Assert.Equal(0, counters["tikr.agg.recomputes_total"]);
    }

    [Fact]
    public async Task Late_ticks_after_a_lost_delivery_are_recomputed_with_it()
    {
        await using var silo = await TestSilo.StartAsync();
        using var counters = new Counters(silo);
        var (bucket, _) = await ClosedBarAsync(silo);
        var lost = await silo.CommitAsync(silo.Tick(bucket, 5, bit: 2));
        var late = await silo.CommitAsync(silo.Tick(bucket, 6, bit: 4));
        await silo.DeliverAsync(silo.PartialOf(late, bucket, previous: lost.Id.Flush));
        Assert.Equal((1, 7L), await silo.Bars.NextAsync() is var bar ? (bar.Revision, bar.Values[0]) : default);
        Assert.Equal(1, counters["tikr.agg.recomputes_total"]);
    }

    [Fact]
    public async Task Late_tick_for_a_bar_that_the_grain_no_longer_knows_revises_it_too()
    {
        await using var silo = await TestSilo.StartAsync();
        using var counters = new Counters(silo);
        var (bucket, first) = await ClosedBarAsync(silo);
        silo.Time.Advance(TimeSpan.FromSeconds(31));
        await silo.WaitForDeactivationAsync();
        var late = await silo.CommitAsync(silo.Tick(bucket, 5, bit: 2));
        await silo.DeliverAsync(silo.PartialOf(late, bucket, close: true));
        Assert.Equal((1, 3L), await silo.Bars.NextAsync() is var bar ? (bar.Revision, bar.Values[0]) : default);
        Assert.Equal(1, counters["tikr.agg.late_ticks_total"]);
        Assert.True(first.Id.Flush < late.Id.Flush);
    }

    [Fact]
    public async Task Duplicate_delivery_is_ignored_open_and_closed()
    {
        await using var silo = await TestSilo.StartAsync();
        var bucket = silo.Bucket;
        var flush = await silo.CommitAsync(silo.Tick(bucket, 10, bit: 1));
        var partial = silo.PartialOf(flush, bucket);
        await silo.DeliverAsync(partial, partial);
        await silo.DeliverAsync(partial);
        silo.PassDue(bucket);
        Assert.Equal(1, (await silo.Bars.NextAsync()).Values[0]);
        await silo.Gateway.WaitCoveredAsync(Pair(silo, bucket), flush.Id);
        await silo.DeliverAsync(partial);
        await silo.Gateway.WaitCoveredAsync(Pair(silo, bucket), flush.Id);
        Assert.Single(silo.Store.Disk.OutboxEntries);
    }

    [Fact]
    public async Task Lost_delivery_shows_as_a_gap_and_the_bar_is_recomputed()
    {
        await using var silo = await TestSilo.StartAsync();
        var bucket = silo.Bucket;
        TestFlush[] flushes =
        [
            await silo.CommitAsync(silo.Tick(bucket, 10, bit: 1)),
            await silo.CommitAsync(silo.Tick(bucket, 20, bit: 2)),
            await silo.CommitAsync(silo.Tick(bucket, 30, bit: 4)),
        ];
        await silo.DeliverAsync(silo.PartialOf(flushes[0], bucket));
        await silo.DeliverAsync(silo.PartialOf(flushes[2], bucket, previous: flushes[1].Id.Flush));
        silo.PassDue(bucket);
        Assert.Equal((0, 7L), await silo.Bars.NextAsync() is var bar ? (bar.Revision, bar.Values[0]) : default);
    }

    [Fact]
    public async Task Bar_that_somebody_else_has_written_is_recomputed_not_overwritten()
    {
        await using var silo = await TestSilo.StartAsync();
        var bucket = silo.Bucket;
        var theirs = await silo.CommitAsync(silo.Tick(bucket, 10, bit: 1));
        var ours = await silo.CommitAsync(silo.Tick(bucket, 20, bit: 2));
        await silo.WriteElsewhereAsync(theirs);
        await silo.DeliverAsync(silo.PartialOf(ours, bucket));
        silo.PassDue(bucket);
        Assert.Equal((1, 3L), await silo.Bars.NextAsync() is var bar ? (bar.Revision, bar.Values[0]) : default);
    }

    [Fact]
    public async Task Equal_content_of_other_ticks_is_not_taken_for_coverage()
    {
        await using var silo = await TestSilo.StartAsync();
        var bucket = silo.Bucket;
        var theirs = await silo.CommitAsync(silo.Tick(bucket, 10, bit: 1));
        var ours = await silo.CommitAsync(silo.Tick(bucket, 10, bit: 1));
        await silo.WriteElsewhereAsync(theirs);
        await silo.DeliverAsync(silo.PartialOf(ours, bucket));
        silo.PassDue(bucket);
        Assert.Equal((1, 2L), await silo.Bars.NextAsync() is var bar ? (bar.Revision, bar.TickCount) : default);
    }

    [Fact]
    public async Task Partial_of_an_older_gateway_is_neither_merged_nor_dropped()
    {
        await using var silo = await TestSilo.StartAsync();
        var bucket = silo.Bucket;
        var zombie = await silo.CommitAsync(silo.Tick(bucket, 10, bit: 1));
        await silo.NewEpochAsync();
        var live = await silo.CommitAsync(silo.Tick(bucket, 20, bit: 2));
        await silo.DeliverAsync(silo.PartialOf(zombie, bucket), silo.PartialOf(live, bucket));
        silo.PassDue(bucket);
        Assert.Equal((0, 3L), await silo.Bars.NextAsync() is var bar ? (bar.Revision, bar.Values[0]) : default);
        await silo.Gateway.WaitCoveredAsync(Pair(silo, bucket), live.Id);
    }

    [Fact]
    public async Task Repeated_ticks_of_a_deduplicated_series_count_once_and_are_counted_once()
    {
        await using var silo = await TestSilo.StartAsync(model: TestSeries.Model(dedup: DedupPolicy.Sequence));
        using var counters = new Counters(silo);
        var bucket = silo.Bucket;
        var first = await silo.CommitAsync(
            silo.Tick(bucket, 10, bit: 1, sequence: 7), silo.Tick(bucket, 10, bit: 1, sequence: 7),
            silo.Tick(bucket, 10, bit: 4, sequence: 8));
        await silo.DeliverAsync(silo.PartialOf(first, bucket, recompute: true));
        silo.PassDue(bucket);
        Assert.Equal(5, (await silo.Bars.NextAsync()).Values[0]);
        await silo.Gateway.WaitCoveredAsync(Pair(silo, bucket), first.Id);
        Assert.Equal(1, counters["tikr.ingest.duplicates_total"]);

        var repeat = await silo.CommitAsync(silo.Tick(bucket, 10, bit: 1, sequence: 7));
        await silo.DeliverAsync(silo.PartialOf(repeat, bucket, previous: first.Id.Flush, recompute: true));
        await silo.Gateway.WaitCoveredAsync(Pair(silo, bucket), repeat.Id);
        Assert.Equal(2, counters["tikr.ingest.duplicates_total"]);
        Assert.Equal(0, counters["tikr.ingest.sequence_conflicts_total"]);
        Assert.Single(silo.Store.Disk.OutboxEntries);
    }

    [Fact]
    public async Task Ticks_without_a_sequence_are_never_duplicates_and_other_content_is_counted_apart()
    {
        await using var silo = await TestSilo.StartAsync(model: TestSeries.Model(dedup: DedupPolicy.Sequence));
        using var counters = new Counters(silo);
        var bucket = silo.Bucket;
        var flush = await silo.CommitAsync(
            silo.Tick(bucket, 10, bit: 1), silo.Tick(bucket, 10, bit: 2), silo.Tick(bucket, 10, bit: 4), silo.Tick(bucket, 10, bit: 4),
            silo.Tick(bucket, 10, bit: 8, sequence: 7), silo.Tick(bucket, 10, bit: 16, sequence: 7));
        await silo.DeliverAsync(silo.PartialOf(flush, bucket, recompute: true));
        silo.PassDue(bucket);

        Assert.Equal(1 + 2 + 4 + 4 + 8, (await silo.Bars.NextAsync()).Values[0]);
        await silo.Gateway.WaitCoveredAsync(Pair(silo, bucket), flush.Id);
        Assert.Equal((0, 1), (counters["tikr.ingest.duplicates_total"], counters["tikr.ingest.sequence_conflicts_total"]));
    }

    private static BucketRef Pair(TestSilo silo, long bucket) => new(silo.Key().KeyId, bucket);

    private static async Task<(long Bucket, TestFlush Flush)> ClosedBarAsync(TestSilo silo)
    {
        var bucket = silo.Bucket;
        var flush = await silo.CommitAsync(silo.Tick(bucket, 10, bit: 1));
        await silo.DeliverAsync(silo.PartialOf(flush, bucket));
        silo.PassDue(bucket);
        Assert.Equal(0, (await silo.Bars.NextAsync()).Revision);
        await silo.Gateway.WaitCoveredAsync(Pair(silo, bucket), flush.Id);
        return (bucket, flush);
    }
}
