namespace Tikr.Core.Time;

/// <summary>Notices steps of the wall clock, by comparing it with the monotonic clock. For one caller at a time.</summary>
/// <param name="start">The first reading.</param>
/// <param name="leastNs">The least difference that counts as a step: readings of the two clocks lie a little apart.</param>
public sealed class ClockSteps(Instant start, long leastNs)
{
    private long _offsetNs = start.UnixNs - start.MonotonicNs;

    /// <summary>All steps together: 0 when the clock has come back to where it would be without them. Nanoseconds.</summary>
    public long TotalNs { get; private set; }

    /// <summary>By how much the wall clock was stepped since the last look, nanoseconds; 0 if it was not. Drift is followed.</summary>
    public long Look(in Instant now)
    {
        var offset = now.UnixNs - now.MonotonicNs;
        var step = offset - _offsetNs;
        _offsetNs = offset;
        if (Math.Abs(step) < leastNs) return 0;
        TotalNs += step;
        if (Math.Abs(TotalNs) < leastNs) TotalNs = 0;
        return step;
    }
}
