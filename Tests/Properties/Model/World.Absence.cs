using Tikr.Core.Rollup;
using Tikr.Core.Time;
using Tikr.Tests.Support.Memory;

namespace Tikr.Tests.Properties.Model;

/// <summary>The series is not configured for a while, and another one is.</summary>
internal sealed partial class World
{
    private static readonly SeriesModel Other = TestSeries.Model("other");
    private bool _isGone;

    // Then it is back, perhaps with another spec, and must find whatever nobody looked after.
    private async Task GoneAndBackAsync(Step step)
    {
        await EndClusterAsync(isGraceful: step.B % 2 == 0);
        _isGone = true;
        try
        {
            await LiveWithoutAsync(step);
        }
        finally
        {
            _isGone = false;
            if (step.A % 3 == 0) _spec = _spec.Changed(step.B);
            await CrashAsync();
        }
    }

    // Two starts without the series: the second recovers what the other series left at the first, and retires it.
    private async Task LiveWithoutAsync(Step step)
    {
        await CrashAsync();
        await _node.ReceiveAsync([OtherTick(step.A), OtherTick(step.B)], stream: 0, isDrained: true, _ledger);
        _node.Lane.Queue.Hurry();
        await _node.StepAsync();
        if (step.A % 4 == 0) await WaitAsync(TimeSpan.FromSeconds(step.B % 5));
        await CrashAsync();
        await WaitAsync(TimeSpan.FromSeconds(6));
        await _node.SweepAsync();
        await _node.RebuildAsync();
        await WaitAsync(TimeSpan.FromSeconds(1));
    }

    private TestTick OtherTick(int choice) =>
        new((uint)(1 + (choice % 2)), _time.GetUnixNanoseconds() - (choice % 4 * TestSeries.Second), 0, 1, choice % 5, 0);
}
