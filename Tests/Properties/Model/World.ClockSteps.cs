using Tikr.Core.Time;
using Tikr.Tests.Support.Memory;

namespace Tikr.Tests.Properties.Model;

/// <summary>Steps of the wall clock.</summary>
internal sealed partial class World
{
    private const long MostDelayNs = 2 * TestSeries.Second;
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(250);

    // The clock is wrong by so much more, either way, or right again.
    private void StepClock(TimeSpan by)
    {
        _time.StepWall(by);
        _wrong += by;
        NoteTime();
    }

    private void NoteTime() => _furthest = _time.GetUtcNow() > _furthest ? _time.GetUtcNow() : _furthest;

    // While nothing else goes wrong, no bar that was open at the step is stored more than 2 s after it is due without the step.
    private async Task StepClockWithOpenBarsAsync(Step step)
    {
        if (_zombies.Count > 0) return;
        _trouble.End();
        _node.Store.Faults.OnCommit = null;
        _node.Drain();
        await GoOnForAsync(NowNs + 1);
        var before = _ledger.Count;
        var second = _time.GetUnixNanoseconds() / TestSeries.Second * TestSeries.Second;
        var ticks = _ledger.NewTicks(step, Keys, second, second + TestSeries.Second);
        if (ticks.Count == 0) return;
        await _node.ReceiveAsync(ticks, stream: step.A, isDrained: true, _ledger);
        _node.Lane.Queue.Hurry();
        await _node.StepAsync();
        var now = Instant.Of(_time);
        var open = _ledger.NewPairsSince(before).Select(pair => (Pair: pair, DueNs: now.MonotonicAt(_series.Model.DueOf(pair.BucketStart))))
            .Where(bar => bar.DueNs > now.MonotonicNs).ToList();
        if (open.Count == 0) return;

        StepClock(TimeSpan.FromMilliseconds(Wrong[step.B % Wrong.Length]) - _wrong);
        foreach (var (pair, dueNs) in open.OrderBy(bar => bar.DueNs))
        {
            await GoOnForAsync(dueNs + MostDelayNs);
            Assert.True(_ledger.IsWhole(pair), $"{pair} was open when the clock stepped, and has no whole bar 2 s after it was due.");
        }
    }

    // Time passes until a monotonic time, and whatever is under way comes to its end at once.
    private async Task GoOnForAsync(long untilNs)
    {
        while (NowNs < untilNs)
        {
            await WaitAsync(Slice);
            await ComeToEndAsync();
            _ledger.Throw();
        }
    }
}
