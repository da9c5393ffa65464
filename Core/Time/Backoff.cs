namespace Tikr.Core.Time;

/// <summary>Pauses between attempts: the first, then each twice as long, up to the longest.</summary>
/// <param name="First">Pause after the first failure.</param>
/// <param name="Longest">Longest pause.</param>
public readonly record struct Backoff(TimeSpan First, TimeSpan Longest)
{
    // Far beyond any pause that is configured, and no shift overflows.
    private const int MostDoublings = 20;

    /// <summary>The pause after a failure.</summary>
    /// <param name="earlier">Failures in a row before it.</param>
    public TimeSpan After(int earlier) =>
        TimeSpan.FromTicks(Math.Min(Longest.Ticks, First.Ticks << Math.Min(earlier, MostDoublings)));
}
