using Tikr.Core.Rollup;
using Tikr.Core.Specs;
using static Tikr.Tests.Support.Compliance.Market;

namespace Tikr.Tests.Support.Compliance;

/// <summary>What a changed bar definition leaves to do is as durable as the definition.</summary>
public abstract class RebuildCompliance : StoreSuite
{
    [Fact]
    public async Task Series_that_never_changed_has_nothing_to_rebuild()
    {
        await CommitAsync(Store.NowNs);
        await ReopenAsync();
        Assert.Equal(default, Store.Rebuilds.RebuildOf(Series));
        Assert.Equal(0, Series.ProvenFrom);
    }

    [Fact]
    public async Task Changed_granularity_is_proven_only_behind_every_stored_tick()
    {
        var (first, last) = (Store.NowNs - (600 * Second), Store.NowNs + (5 * Second));
        await CommitAsync(last, first, Store.NowNs);
        await ReopenAsync(With(Series.Model, spec => spec with { RollupNs = 10 * Second }));
        var rebuild = Store.Rebuilds.RebuildOf(Series);
        Assert.Equal(rebuild.ProvenFrom, Series.ProvenFrom);
        Assert.InRange(rebuild.ProvenFrom, last + 1, last + (20 * Second));
        Assert.Equal(0, rebuild.ProvenFrom % (10 * Second));
        Assert.Equal((Series.Model.BucketOf(Store.NowNs), Series.Model.BucketOf(Store.NowNs)), (rebuild.From, rebuild.Below));
        Assert.InRange(rebuild.DownTo, first - (2 * Second), first);
        Assert.False(rebuild.IsDone);
    }

    [Fact]
    public async Task Clock_that_was_wrong_leaves_nothing_proven_that_is_not()
    {
        Store.Time.Advance(TimeSpan.FromMinutes(50));
        var ahead = Store.NowNs;
        await CommitAsync(ahead);
        Store.Time.AdjustTime(Store.Time.GetUtcNow() - TimeSpan.FromMinutes(45));
        await ReopenAsync(With(Series.Model, spec => spec with { Overflow = OverflowPolicy.Omit }));
        Assert.True(Series.ProvenFrom > ahead, $"{Series.ProvenFrom} is not behind the tick at {ahead}.");
    }

    [Fact]
    public async Task Series_without_ticks_has_nothing_to_rebuild()
    {
        await ReopenAsync(With(Series.Model, spec => spec with { RollupNs = 10 * Second }));
        Assert.True(Store.Rebuilds.RebuildOf(Series).IsDone);
        Assert.Equal(0, Series.ProvenFrom);
    }

    [Fact]
    public async Task Progress_is_found_again_and_a_further_change_begins_anew()
    {
        await CommitAsync(Store.NowNs - (600 * Second), Store.NowNs);
        await ReopenAsync(With(Series.Model, spec => spec with { RollupNs = 10 * Second }));
        var rebuild = Store.Rebuilds.RebuildOf(Series);
        var further = rebuild with { From = rebuild.ProvenFrom, Below = rebuild.Below - (100 * Second) };
        await Store.Rebuilds.SaveAsync(Series, further, Stop);
        Assert.Equal(further, Store.Rebuilds.RebuildOf(Series));
        await ReopenAsync();
        Assert.Equal(further, Store.Rebuilds.RebuildOf(Series));
        await ReopenAsync(With(Series.Model, spec => spec with { Metrics = [.. spec.Metrics.Skip(1)] }));
        Assert.Equal(rebuild.Below, Store.Rebuilds.RebuildOf(Series).Below);
    }

    private static SeriesModel With(SeriesModel model, Func<SeriesSpec, SeriesSpec> change) => new(change(model.Spec));

    private async Task CommitAsync(params long[] times)
    {
        var epoch = await Store.Ticks.AllocateEpochAsync(Stop);
        await Store.Ticks.CommitTicksAsync(Series, epoch, 1, times.Select(time => Run(1, time, 1, Second).Single()));
    }
}
