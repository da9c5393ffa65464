using Tikr.Publishing.Sending;

namespace Tikr.Tests.Publishing;

/// <summary>
/// Pauses, retries and deletions go by the monotonic clock: a step of the wall clock, however large, changes none of them.
/// </summary>
public sealed class ClockStepTests
{
    [Theory, InlineData(-10_800), InlineData(-150), InlineData(150), InlineData(21_600)]
    public async Task Records_fail_are_sent_again_and_leave_the_outbox_when_they_would_have_without_the_step(int seconds)
    {
        var unstepped = await LiveAsync(TimeSpan.Zero);
        Assert.Equal(unstepped, await LiveAsync(TimeSpan.FromSeconds(seconds)));
        Assert.Equal((0, 0), unstepped[^1]);
    }

    // What is under way, and what is in the outbox, every 20 ms after records failed and the clock stepped.
    private static async Task<List<(int UnderWay, int Waiting)>> LiveAsync(TimeSpan wallStep)
    {
        await using var world = await World.StartAsync();
        for (var key = 0; key < 4; key++) await world.WriteAsync(key, 1);
        await StepAllAsync(world);
        foreach (var topic in world.Topics)
        {
            while (topic.UnderWay > 0) topic.Fail(SendFailureKind.Transient, isWritten: false);
        }

        await StepAllAsync(world);
        world.Time.StepWall(wallStep);
        List<(int, int)> seen = [];
        for (var i = 0; i < 150; i++)
        {
            world.Time.Advance(TimeSpan.FromMilliseconds(20));
            await StepAllAsync(world);
            seen.Add((world.Topics.Sum(topic => topic.UnderWay), world.Disk.OutboxEntries.Count));
            if (i % 3 != 0) continue;
            foreach (var topic in world.Topics) topic.Deliver();
        }

        return seen;
    }

    private static async Task StepAllAsync(World world)
    {
        for (var i = 0; i < world.Senders.Count; i++) await world.StepAsync(i);
    }
}
