namespace Tikr.Grains;

/// <summary>Unix nanoseconds from the framework's types.</summary>
internal static class Nanoseconds
{
    public static long Now(TimeProvider time) => (time.GetUtcNow().UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) * 100;

    public static long Of(TimeSpan span) => span.Ticks * 100;

    /// <summary>A pause of at least this long, in whole milliseconds: timers count no finer and must not fire early.</summary>
    public static TimeSpan Pause(long nanoseconds) => TimeSpan.FromMilliseconds(Math.Clamp((nanoseconds + 999_999) / 1_000_000, 0, int.MaxValue));
}
