using Tikr.Core.Time;

namespace Tikr.Grains.Buckets;

/// <summary>Limits and pauses of <see cref="KeyBuckets"/>.</summary>
/// <param name="Remembered">Closed buckets whose revision is remembered.</param>
internal sealed record BucketOptions(int Remembered = 2)
{
    /// <summary>Pauses after failures of the store.</summary>
    public Backoff Retry { get; init; } = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(5));
}
