namespace Tikr.Benchmarks.Host;

internal static class UnixClock
{
    /// <summary>Unix nanoseconds.</summary>
    public static long NowNs(this TimeProvider time) => (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
}
