using Tikr.Core.Rollup;
using Tikr.Grains.Buckets;
using Tikr.Grains.Recompute;
using Tikr.Grains.Writing;
using Tikr.Storage;

namespace Tikr.Grains.Series;

/// <summary>A bucket's bar on its way into the store; the answer goes back to the grain's own thread of control.</summary>
internal sealed class BucketWrite : BarWriteItem
{
    private static readonly Action<object> Answer = static state => ((BucketWrite)state).Apply();
    private readonly SeriesActivation _activation;
    private readonly Bucket _bucket;
    private BarWriteResult _result;
    private bool _failed;

    public BucketWrite(SeriesActivation activation, Bucket bucket, in BarWrite write)
    {
        (_activation, _bucket) = (activation, bucket);
        Write = write;
    }

    public Bar Bar => Write.Bar;

    public override void Completed(in BarWriteResult result)
    {
        _result = result;
        _activation.Context.Scheduler.QueueAction(Answer, this);
    }

    public override void Failed(Exception error)
    {
        _failed = true;
        _activation.Context.Scheduler.QueueAction(Answer, this);
    }

    private void Apply()
    {
        if (_failed) _activation.Failed(_bucket);
        else _activation.Written(_bucket, _result);
    }
}

/// <summary>A bucket waiting for its stored ticks to be folded.</summary>
internal sealed class BucketRecompute(SeriesActivation activation, SeriesHandle series, uint keyId, Bucket bucket)
    : RecomputeItem(series, keyId, bucket.Start)
{
    private static readonly Action<object> Answer = static state => ((BucketRecompute)state).Apply();
    private RecomputeResult _result;
    private bool _failed;

    public override void Completed(in RecomputeResult result)
    {
        _result = result;
        activation.Context.Scheduler.QueueAction(Answer, this);
    }

    public override void Failed(Exception error)
    {
        _failed = true;
        activation.Context.Scheduler.QueueAction(Answer, this);
    }

    private void Apply()
    {
        if (_failed) activation.Failed(bucket);
        else activation.Recomputed(bucket, _result);
    }
}
