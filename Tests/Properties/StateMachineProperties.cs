using CsCheck;
using Tikr.Core.Specs;
using Tikr.Tests.Properties.Model;

namespace Tikr.Tests.Properties;

public sealed class StateMachineProperties
{
    [Fact]
    public Task Any_history_ends_in_exact_bars() =>
        Step.AnyHistory.SampleAsync(steps => LiveThroughAsync(steps, DedupPolicy.None), iter: Iterations, threads: 1);

    [Fact]
    public Task Any_history_of_a_deduplicated_series_ends_in_exact_bars() =>
        Step.AnyHistory.SampleAsync(steps => LiveThroughAsync(steps, DedupPolicy.Sequence), iter: Iterations / 4, threads: 1);

    // A documented command raises it: TIKR_PROPERTY_ITERATIONS=100000 dotnet test --project Tests/Properties
    private static int Iterations =>
        int.TryParse(Environment.GetEnvironmentVariable("TIKR_PROPERTY_ITERATIONS"), out var wanted) ? wanted : 1_500;

    private static async Task LiveThroughAsync(Step[] steps, DedupPolicy dedup)
    {
        await using var world = await World.StartAsync(dedup);
        foreach (var step in steps) await world.HappenAsync(step);
        await world.SettleAsync();
    }
}
