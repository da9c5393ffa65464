namespace Tikr.Tests.Support.Processes;

/// <summary>The machine's clock: a server process cannot be given a fake one.</summary>
public static class WallClock
{
    /// <summary>One second in nanoseconds.</summary>
    public const long Second = 1_000_000_000;

    /// <summary>Unix nanoseconds now.</summary>
    public static long NowNs => (TimeProvider.System.GetUtcNow().UtcTicks - DateTime.UnixEpoch.Ticks) * 100;

    /// <summary>Start of the bucket that is being filled now, for 1 s buckets.</summary>
    public static long CurrentBucket => BucketOf(NowNs);

    /// <summary>Start of the latest 1 s bucket that has ended.</summary>
    public static long LatestCompleteBucket => CurrentBucket - Second;

    /// <summary>Start of the 1 s bucket of a time.</summary>
    public static long BucketOf(long timeNs) => timeNs - (timeNs % Second);
}
