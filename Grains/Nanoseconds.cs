namespace Tikr.Grains;

/// <summary>Pauses from nanoseconds.</summary>
internal static class Nanoseconds
{
    /// <summary>A pause of at least this long, in whole milliseconds: timers count no finer and must not fire early.</summary>
    public static TimeSpan Pause(long nanoseconds) =>
        TimeSpan.FromMilliseconds(Math.Clamp((nanoseconds + 999_999) / 1_000_000, 0, int.MaxValue));
}
