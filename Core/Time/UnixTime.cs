namespace Tikr.Core.Time;

/// <summary>Times as Unix nanoseconds, and pauses made of them.</summary>
public static class UnixTime
{
    private const long MostTicks = long.MaxValue / TimeSpan.NanosecondsPerTick;

    /// <summary>The provider's current time in Unix nanoseconds (resolution 100 ns).</summary>
    public static long GetUnixNanoseconds(this TimeProvider time) => time.GetUtcNow().ToUnixNanoseconds();

    /// <summary>A time in Unix nanoseconds.</summary>
    public static long ToUnixNanoseconds(this DateTimeOffset time) =>
        (time.UtcTicks - DateTime.UnixEpoch.Ticks) * TimeSpan.NanosecondsPerTick;

    /// <summary>A duration in nanoseconds; the longest that they can hold (292 years) where it is longer.</summary>
    public static long ToNanoseconds(this TimeSpan span) =>
        Math.Clamp(span.Ticks, -MostTicks, MostTicks) * TimeSpan.NanosecondsPerTick;

    /// <summary>The time of Unix nanoseconds, for messages; cut to the 100 ns that <see cref="DateTimeOffset"/> can hold.</summary>
    public static DateTimeOffset ToTime(long unixNs) => DateTimeOffset.UnixEpoch.AddTicks(unixNs / TimeSpan.NanosecondsPerTick);

    /// <summary>A duration from nanoseconds, rounded up to the 100 ns that <see cref="TimeSpan"/> can hold.</summary>
    public static TimeSpan ToTimeSpan(long nanoseconds) =>
        TimeSpan.FromTicks((nanoseconds + TimeSpan.NanosecondsPerTick - 1) / TimeSpan.NanosecondsPerTick);

    /// <summary>A pause of at least this long, in whole milliseconds: timers count no finer and must not fire early.</summary>
    public static TimeSpan ToTimerPause(long nanoseconds) =>
        TimeSpan.FromMilliseconds(Math.Clamp((nanoseconds + 999_999) / 1_000_000, 0, int.MaxValue));
}
