namespace Tikr.Storage;

/// <summary>Times as the store keeps them.</summary>
public static class UnixTime
{
    /// <summary>Unix nanoseconds of the provider's wall clock.</summary>
    public static long NowNs(this TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        return time.GetUtcNow().ToUnixNs();
    }

    /// <summary>Unix nanoseconds of a time.</summary>
    public static long ToUnixNs(this DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).ToNs();

    /// <summary>Nanoseconds of a span.</summary>
    public static long ToNs(this TimeSpan span) => span.Ticks * TimeSpan.NanosecondsPerTick;

    /// <summary>The time for messages.</summary>
    public static DateTimeOffset ToTime(long unixNs) => DateTimeOffset.UnixEpoch.AddTicks(unixNs / TimeSpan.NanosecondsPerTick);
}
