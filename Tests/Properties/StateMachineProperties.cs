using System.Globalization;
using CsCheck;
using Tikr.Core.Specs;
using Tikr.Tests.Properties.Model;

namespace Tikr.Tests.Properties;

public sealed class StateMachineProperties(ITestOutputHelper output)
{
    private const string Seconds = "TIKR_PROPERTY_SECONDS", Iterations = "TIKR_PROPERTY_ITERATIONS";

    // What a busy machine does in a second all the same: a run that is given time goes on until it has done as much.
    private const int StepsPerSecond = 1_000, AtLeast = 500;

    private long _sent, _accepted;

    [Fact]
    public Task Any_history_ends_in_exact_bars() => SampleAsync(DedupPolicy.None, histories: 1_500, share: 0.5);

    [Fact]
    public Task Any_history_of_several_nodes_ends_in_exact_bars() =>
        SampleAsync(DedupPolicy.None, histories: 300, share: 0.3, isCluster: true);

    [Fact]
    public Task Any_history_of_a_deduplicated_series_ends_in_exact_bars() => SampleAsync(DedupPolicy.Sequence, histories: 375, share: 0.2);

    // What is received while a commit is tried again must not be of what was deleted meanwhile. By chance that takes long to happen.
    [Fact]
    public Task Ticks_of_deleted_buckets_are_not_accepted_while_the_store_takes_no_commits() => LiveThroughAsync(
        [
            new(Happening.CommitsFail, 0, 0), new(Happening.Commit, 1, 1), new(Happening.Expire, 3, 0),
            .. Enumerable.Range(0, 10).Select(i => new Step(Happening.Receive, (3 * i) + 1, i)), new(Happening.CommitsWork, 0, 0),
        ],
        DedupPolicy.None);

    // A bar covers a flush whose partial is not delivered yet, so its pair needs the flush that comes next, and then none.
    [Fact]
    public Task A_flush_that_a_pair_needed_before_it_was_there_is_not_taken_for_settled() => LiveThroughAsync(
        [
            new(Happening.WaitLong, 697, 802), new(Happening.Commit, 811, 127), new(Happening.Commit, 661, 355),
            new(Happening.Wait, 186, 908), new(Happening.Arrive, 324, 366), new(Happening.Arrive, 9, 191),
            new(Happening.Expire, 501, 616), new(Happening.CommitFailsForLong, 767, 324), new(Happening.Arrive, 346, 844),
            new(Happening.Commit, 717, 182), new(Happening.Commit, 56, 973), new(Happening.LoseStoreAnswer, 288, 172),
            new(Happening.ClockStepsWithOpenBars, 566, 979), new(Happening.Receive, 249, 285),
        ],
        DedupPolicy.None);

    // Documented in docs/testing.md: so many histories, or as many as a time allows.
    private async Task SampleAsync(DedupPolicy dedup, int histories, double share, bool isCluster = false)
    {
        long lived = 0, steps = 0;
        var seconds = (int)(Setting(Seconds) * share);
        await SampleOnceAsync(seconds > 0 ? -1 : Math.Max(histories, (long)(Setting(Iterations) * share)), seconds);
        while (steps < (long)seconds * StepsPerSecond) await SampleOnceAsync(AtLeast, -1);
        output.WriteLine($"{lived} histories, {steps} steps, {_accepted} of {_sent} ticks accepted");
        Assert.True(_accepted > _sent / 2, $"{_accepted} of {_sent} ticks were accepted: the histories prove little.");

        Task SampleOnceAsync(long iterations, int time) => (isCluster ? Step.AnyHistoryOfSeveral : Step.AnyHistory).SampleAsync(
            async history =>
            {
                lived++;
                steps += history.Length;
                await LiveThroughAsync(history, dedup, isCluster);
            }, iter: iterations, time: time > 0 ? time : -1, threads: 1, print: history => string.Join(", ", history.AsEnumerable()));
    }

    private static int Setting(string name) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var set) ? set : 0;

    private async Task LiveThroughAsync(Step[] steps, DedupPolicy dedup, bool isCluster = false)
    {
        if (await FailureOfAsync(steps, dedup, isCluster) is not { } failure) return;
        for (var length = Math.Max(1, steps.Length / 2); length > 0; length /= 2)
        {
            for (var at = 0; at + length <= steps.Length;)
            {
                Step[] shorter = [.. steps[..at], .. steps[(at + length)..]];
                if (await FailureOfAsync(shorter, dedup, isCluster) is { } still) (steps, failure) = (shorter, still);
                else at += length;
            }
        }

        Assert.Fail($"[{string.Join(", ", steps.AsEnumerable())}]\n{failure}");
    }

    private async Task<Exception?> FailureOfAsync(Step[] steps, DedupPolicy dedup, bool isCluster)
    {
        try
        {
            await using var world = await World.StartAsync(dedup, isCluster);
            foreach (var step in steps) await world.HappenAsync(step);
            await world.SettleAsync();
            (_sent, _accepted) = (_sent + world.Ticks.Sent, _accepted + world.Ticks.Accepted);
            return null;
        }
        catch (Exception failure)
        {
            return failure;
        }
    }
}
