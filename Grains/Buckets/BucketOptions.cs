namespace Tikr.Grains.Buckets;

/// <summary>Limits and pauses of <see cref="KeyBuckets"/>.</summary>
/// <param name="Remembered">Closed buckets whose revision is remembered.</param>
/// <param name="FirstRetryNs">Pause after a first failure; doubles with each further one.</param>
/// <param name="MaxRetryNs">Longest pause.</param>
internal sealed record BucketOptions(int Remembered = 2, long FirstRetryNs = 100_000_000, long MaxRetryNs = 5_000_000_000)
{
    /// <summary>Pause after this many failures before.</summary>
    public long RetryNs(int failures) => Math.Min(MaxRetryNs, FirstRetryNs << Math.Min(failures, 20));
}
