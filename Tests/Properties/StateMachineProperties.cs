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

    [Fact]
    public Task Any_history_ends_in_exact_bars() => SampleAsync(DedupPolicy.None, histories: 1_500, share: 0.75);

    [Fact]
    public Task Any_history_of_a_deduplicated_series_ends_in_exact_bars() => SampleAsync(DedupPolicy.Sequence, histories: 375, share: 0.25);

    // Documented in docs/testing.md: so many histories, or as many as a time allows.
    private async Task SampleAsync(DedupPolicy dedup, int histories, double share)
    {
        long lived = 0, steps = 0;
        var seconds = (int)(Setting(Seconds) * share);
        await SampleOnceAsync(seconds > 0 ? -1 : Math.Max(histories, (long)(Setting(Iterations) * share)), seconds);
        while (steps < (long)seconds * StepsPerSecond) await SampleOnceAsync(AtLeast, -1);
        output.WriteLine($"{lived} histories, {steps} steps");

        Task SampleOnceAsync(long iterations, int time) => Step.AnyHistory.SampleAsync(async history =>
        {
            lived++;
            steps += history.Length;
            await LiveThroughAsync(history, dedup);
        }, iter: iterations, time: time > 0 ? time : -1, threads: 1, print: history => string.Join(", ", history.AsEnumerable()));
    }

    private static int Setting(string name) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var set) ? set : 0;

    private static async Task LiveThroughAsync(Step[] steps, DedupPolicy dedup)
    {
        if (await FailureOfAsync(steps, dedup) is not { } failure) return;
        for (var length = Math.Max(1, steps.Length / 2); length > 0; length /= 2)
        {
            for (var at = 0; at + length <= steps.Length;)
            {
                Step[] shorter = [.. steps[..at], .. steps[(at + length)..]];
                if (await FailureOfAsync(shorter, dedup) is { } still) (steps, failure) = (shorter, still);
                else at += length;
            }
        }

        Assert.Fail($"[{string.Join(", ", steps.AsEnumerable())}]\n{failure}");
    }

    private static async Task<Exception?> FailureOfAsync(Step[] steps, DedupPolicy dedup)
    {
        try
        {
            await using var world = await World.StartAsync(dedup);
            foreach (var step in steps) await world.HappenAsync(step);
            await world.SettleAsync();
            return null;
        }
        catch (Exception failure)
        {
            return failure;
        }
    }
}
