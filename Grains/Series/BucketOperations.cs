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
    private Bucket _bucket = null!;
    private BarWriteResult _result;
    private bool _failed;

    public BucketWrite(SeriesActivation activation) => _activation = activation;

    public void Begin(Bucket bucket, in BarWrite write)
    {
        (_bucket, _failed, _result) = (bucket, false, default);
        Write = write;
    }

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
        var (bucket, result, failed) = (_bucket, _result, _failed);
        (_bucket, _result) = (null!, default);
        Write = default;
        _activation.Return(this);
        if (failed) _activation.Failed(bucket);
        else _activation.Written(bucket, result);
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
