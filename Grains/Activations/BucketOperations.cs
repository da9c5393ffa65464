using Tikr.Core.Rollup;
using Tikr.Grains.Buckets;
using Tikr.Grains.Recompute;
using Tikr.Grains.Writing;
using Tikr.Storage;

namespace Tikr.Grains.Activations;

/// <summary>A bucket's bar on its way into the store. An activation uses it again once it has been answered.</summary>
internal sealed class BucketWrite(SeriesActivation activation) : BarWriteItem
{
    private Bucket _bucket = null!;

    public void Begin(Bucket bucket, in BarWrite write)
    {
        _bucket = bucket;
        Write = write;
    }

    public override void Completed(in BarWriteResult result) => activation.Written(this, End(), result);

    public override void Failed(Exception error) => activation.Failed(this, End());

    private Bucket End()
    {
        var bucket = _bucket;
        (_bucket, Write) = (null!, default);
        return bucket;
    }
}

/// <summary>A bucket waiting for its stored ticks to be folded.</summary>
internal sealed class BucketRecompute(SeriesActivation activation, Series series, uint keyId, Bucket bucket)
    : RecomputeItem(series, keyId, bucket.Start)
{
    public override void Completed(in RecomputeResult result) => activation.Recomputed(bucket, result);

    public override void Failed(Exception error) => activation.Failed(null, bucket);
}
