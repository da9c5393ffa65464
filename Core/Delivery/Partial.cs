using Tikr.Core.Rollup;

namespace Tikr.Core.Delivery;

/// <summary>
/// What a gateway knows of one bucket of a key: ticks folded into a mergeable state, and exactly which commits they came with. Its receiver
/// takes over what it needs: once it is applied, its sender uses it again.
/// </summary>
public sealed class Partial
{
    /// <summary>Gateway epoch of the commits.</summary>
    public uint Epoch { get; set; }

    /// <summary>First flush covered.</summary>
    public ulong FromFlush { get; set; }

    /// <summary>Last flush covered.</summary>
    public ulong ToFlush { get; set; }

    /// <summary>
    /// Last flush of this epoch that touched the pair and was delivered before; 0 if this is the first. A gap means that a delivery was
    /// lost.
    /// </summary>
    public ulong PreviousFlush { get; set; }

    /// <summary>Bucket start, Unix nanoseconds.</summary>
    public long BucketStart { get; set; }

    /// <summary>When the bucket is due, monotonic nanoseconds of the process that holds the partial.</summary>
    public long DueNs { get; set; }

    /// <summary>State in the layout of <see cref="SeriesModel"/>; null when the bucket must be recomputed from stored ticks.</summary>
    public long[]? State { get; set; }

    /// <summary>True for a past bucket that its streams have left behind: it closes now. Live buckets close by time.</summary>
    public bool Close { get; set; }

    /// <summary>
    /// True for a live bucket past its due time: with this partial the grain has everything that the gateway received before that time, so
    /// the bar need not wait for the rest of the delivery.
    /// </summary>
    public bool Final { get; set; }

    /// <summary>
    /// True for a past bucket that closes, or closed, before its time because its gateway had too many: further ticks are our delay.
    /// </summary>
    public bool Early { get; set; }

    /// <summary>
    /// True when these flushes were delivered before, perhaps to another silo: without a state, and news only to who has not applied them.
    /// </summary>
    public bool IsAgain { get; set; }

    /// <summary>
    /// True where nothing is delivered yet: the gateway collects ticks of a past bucket, which is not to close before it has said so.
    /// </summary>
    public bool Announces { get; set; }

    /// <summary>One of its own, with a state of its own.</summary>
    public Partial Copy()
    {
        var copy = (Partial)MemberwiseClone();
        if (State is not null) copy.State = [.. State];
        return copy;
    }
}
