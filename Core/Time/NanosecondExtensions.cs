namespace Tikr.Core.Time;

/// <summary>Times as Unix nanoseconds.</summary>
public static class NanosecondExtensions
{
    /// <summary>The provider's current time in Unix nanoseconds (resolution 100 ns).</summary>
    public static long GetUnixNanoseconds(this TimeProvider time) => time.GetUtcNow().ToUnixNanoseconds();

    /// <summary>A time in Unix nanoseconds.</summary>
    public static long ToUnixNanoseconds(this DateTimeOffset time) =>
        (time.UtcTicks - DateTime.UnixEpoch.Ticks) * TimeSpan.NanosecondsPerTick;

    /// <summary>A duration in nanoseconds.</summary>
    public static long ToNanoseconds(this TimeSpan span) => span.Ticks * TimeSpan.NanosecondsPerTick;

    /// <summary>A duration from nanoseconds, rounded up to the 100 ns that <see cref="TimeSpan"/> can hold.</summary>
    public static TimeSpan ToTimeSpan(long nanoseconds) =>
        TimeSpan.FromTicks((nanoseconds + TimeSpan.NanosecondsPerTick - 1) / TimeSpan.NanosecondsPerTick);
}
