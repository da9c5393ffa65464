using Tikr.Core.Time;
using Tikr.Storage;

namespace Tikr.Tests.Grains;

/// <summary>A step of the wall clock, however large, moves no bar that was open at the step.</summary>
public sealed class ClockStepTests
{
    [Theory]
    [InlineData(-10_800, 10_000), InlineData(-150, 10_000), InlineData(150, 10_000), InlineData(21_600, 10_000)]
    [InlineData(-150, 0), InlineData(21_600, 0)]
    public async Task An_open_bar_closes_when_it_would_have_without_the_step(int seconds, int timerLimit)
    {
        await using var silo = await TestSilo.StartAsync(options => options.ActiveTimerLimit = timerLimit);
        var bucket = silo.Bucket;
        var due = silo.DueAt(bucket);
        var flush = await silo.CommitAsync(silo.Tick(bucket, 10, bit: 1));
        await silo.DeliverAsync(silo.PartialOf(flush, bucket));
        silo.Gateway.DeliveredThroughNs = due;
        silo.Time.Advance(TimeSpan.FromMilliseconds(500));
        Assert.True(silo.Bars.IsEmpty);

        silo.Time.StepWall(TimeSpan.FromSeconds(seconds));
        silo.Time.Advance(UnixTime.ToTimeSpan(due - Instant.MonotonicOf(silo.Time) - 1_000_000));
        Assert.Single(await silo.Grain().GetOpenBarsAsync(bucket, bucket + 1));
        silo.Time.Advance(TimeSpan.FromMilliseconds(7));

        Assert.Equal((bucket, 0), await silo.Bars.NextAsync() is var bar ? (bar.BucketStart, bar.Revision) : default);
    }

    [Theory, InlineData(-150), InlineData(21_600)]
    public async Task A_bar_whose_first_partial_comes_after_the_step_closes_when_its_gateway_holds_it_due(int seconds)
    {
        await using var silo = await TestSilo.StartAsync();
        var bucket = silo.Bucket;
        var due = silo.DueAt(bucket);
        var flush = await silo.CommitAsync(silo.Tick(bucket, 10, bit: 1));
        var partial = silo.PartialOf(flush, bucket);

        silo.Time.StepWall(TimeSpan.FromSeconds(seconds));
        await silo.DeliverAsync(partial);
        silo.Gateway.DeliveredThroughNs = due;
        silo.Time.Advance(UnixTime.ToTimeSpan(due - Instant.MonotonicOf(silo.Time)) + TimeSpan.FromMilliseconds(6));

        Assert.Equal(bucket, (await silo.Bars.NextAsync()).BucketStart);
    }

    [Theory, InlineData(-10_800), InlineData(21_600)]
    public async Task An_idle_key_leaves_memory_after_its_time(int seconds)
    {
        await using var silo = await TestSilo.StartAsync();
        var bucket = silo.Bucket;
        var flush = await silo.CommitAsync(silo.Tick(bucket, 10, bit: 1));
        await silo.DeliverAsync(silo.PartialOf(flush, bucket));
        silo.PassDue(bucket);
        await silo.Bars.NextAsync();
        await silo.Gateway.WaitCoveredAsync(new BucketRef(silo.Key().KeyId, bucket), flush.Id);

        silo.Time.StepWall(TimeSpan.FromSeconds(seconds));
        silo.Time.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(1, silo.Metrics.ActiveKeys);
        silo.Time.Advance(TimeSpan.FromSeconds(2));

        await silo.WaitForDeactivationAsync();
    }
}
