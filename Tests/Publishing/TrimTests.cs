using Tikr.Core.Time;

namespace Tikr.Tests.Publishing;

/// <summary>
/// A spool over its bound loses its oldest entries that are not under way; one that waited too long loses those that are too old.
/// </summary>
public sealed class TrimTests
{
    [Fact]
    public async Task As_many_as_asked_for_are_dropped_counted_and_the_rest_is_sent()
    {
        await using var world = await StuckAsync();
        var before = world.Disk.OutboxEntries.Count;
        foreach (var sender in world.Senders) sender.RequestTrim(5);
        for (var i = 0; i < 4; i++) await world.StepAsync(i);
        Assert.Equal((before - 10, 10L), (world.Disk.OutboxEntries.Count, world.Metrics.DroppedAsFull));

        await world.SettleAsync();
        Assert.Empty(world.Disk.OutboxEntries);
        Assert.Equal(before - 10, world.Metrics.TotalDelivered);
    }

    [Fact]
    public async Task What_is_of_a_time_whose_bars_were_deleted_is_dropped_while_it_waits_and_nothing_goes_by_the_clock()
    {
        await using var world = await StuckAsync();
        world.Time.Advance(TimeSpan.FromHours(25));
        for (var i = 0; i < 4; i++) await world.StepAsync(i);
        Assert.Equal(0, world.Metrics.TotalDropped);

        await world.Store.ReapAsync(world.Time.GetUtcNow().ToUnixNanoseconds(), TestContext.Current.CancellationToken);
        world.Time.Advance(TimeSpan.FromSeconds(10));
        for (var i = 0; i < 4; i++) await world.StepAsync(i);
        Assert.Equal(world.Topics.Sum(topic => topic.UnderWay), world.Disk.OutboxEntries.Count);
        Assert.Equal(0, world.Metrics.DroppedAsFull);
        Assert.True(world.Metrics.TotalDropped > 0);
    }

    private static async Task<World> StuckAsync()
    {
        var world = await World.StartAsync();
        for (var i = 0; i < 20; i++) await world.WriteAsync(i, 8);
        for (var i = 0; i < 8; i++) await world.StepAsync(i);
        Assert.All(world.Topics, topic => Assert.Equal(world.Options.MaxInFlight, topic.UnderWay));
        return world;
    }
}
