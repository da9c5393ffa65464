namespace Tikr.Core.Time;

/// <summary>
/// One reading of both clocks. The wall clock names buckets and bounds and may step either way; the monotonic clock paces whatever waits,
/// retries or expires in memory.
/// </summary>
/// <param name="UnixNs">Wall time, Unix nanoseconds.</param>
/// <param name="MonotonicNs">Nanoseconds since an arbitrary start; never goes back.</param>
public readonly record struct Instant(long UnixNs, long MonotonicNs)
{
    private const long NanosecondsPerSecond = 1_000_000_000;

    /// <summary>Reads both clocks of a provider.</summary>
    public static Instant Of(TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        return new Instant(time.GetUnixNanoseconds(), MonotonicOf(time));
    }

    /// <summary>Reads the monotonic clock of a provider, nanoseconds.</summary>
    public static long MonotonicOf(TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        var (seconds, rest) = Math.DivRem(time.GetTimestamp(), time.TimestampFrequency);
        return (seconds * NanosecondsPerSecond) + (rest * NanosecondsPerSecond / time.TimestampFrequency);
    }

    /// <summary>The monotonic time at which the wall clock, if it does not step, will show a time (Unix nanoseconds).</summary>
    public long MonotonicAt(long unixNs) => MonotonicNs + (unixNs - UnixNs);
}
