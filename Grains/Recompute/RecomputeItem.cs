using Tikr.Core.Rollup;
using Tikr.Grains.Buckets;
using Tikr.Storage;

namespace Tikr.Grains.Recompute;

/// <summary>A request to fold the stored ticks of one (key, bucket), and where the answer goes.</summary>
internal abstract class RecomputeItem(Series series, uint keyId, long bucketStart)
{
    /// <summary>The revision is not known: it is read before the scan.</summary>
    public const int Unknown = -2;

    /// <summary>The series.</summary>
    public Series Series { get; } = series;

    /// <summary>The key.</summary>
    public uint KeyId { get; } = keyId;

    /// <summary>Bucket start, Unix nanoseconds.</summary>
    public long BucketStart { get; } = bucketStart;

    /// <summary>Revision believed stored, -1 for none, or <see cref="Unknown"/>.</summary>
    public int ExpectedRevision { get; set; } = Unknown;

    /// <summary>First flush that was not covered before; epoch 0 if that is not known.</summary>
    public FlushId FirstUncovered { get; set; }

    /// <summary>Why.</summary>
    public RecomputeCause Cause { get; set; }

    /// <summary>Place among the pairs of the scan; requests for one pair share it.</summary>
    internal int Place { get; set; }

    /// <summary>Takes the answer; must not block and not throw.</summary>
    public abstract void Completed(in RecomputeResult result);

    /// <summary>Takes the failure; must not block and not throw.</summary>
    public abstract void Failed(Exception error);
}
