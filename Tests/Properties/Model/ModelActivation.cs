using Tikr.Core.Rollup;
using Tikr.Grains.Buckets;
using Tikr.Grains.Recompute;
using Tikr.Storage;

namespace Tikr.Tests.Properties.Model;

/// <summary>An activation: the production state machine, whose writes and recomputes wait until the model lets them happen.</summary>
internal sealed class ModelActivation : IBucketEffects
{
    private readonly Series _series;
    private readonly World _world;

    public ModelActivation(World world, Series series, uint keyId)
    {
        (_world, _series, KeyId) = (world, series, keyId);
        Buckets = new KeyBuckets(series, this, new BucketOptions(Remembered: 1));
    }

    public uint KeyId { get; }

    public KeyBuckets Buckets { get; }

    /// <summary>Deactivated: answers no longer reach it.</summary>
    public bool Dead { get; set; }

    public bool IsProven(long bucketStart) => bucketStart >= _series.ProvenFrom
        && bucketStart >= _world.CompleteFrom && _world.IsKnownHere(KeyId, bucketStart);

    public void Write(Bucket bucket, Bar bar, int expectedRevision) => _world.Begin(new Operation(this, bucket)
    {
        Write = new BarWrite(_series, KeyId, bar, expectedRevision, OutboxPartition: 0),
        CommittedBefore = bucket.State is null ? 0 : _world.CommittedBefore,
    });

    public void Recompute(Bucket bucket, int expectedRevision, RecomputeCause cause)
    {
        var operation = new Operation(this, bucket);
        operation.Scan = new ModelScan(operation, _series, KeyId, bucket, expectedRevision, cause);
        _world.Begin(operation);
    }

    public void Covered(long bucketStart, uint epoch, ulong throughFlush) =>
        _world.Covered(new BucketRef(KeyId, bucketStart), epoch, throughFlush);

    public void OpenChanged(int change) => OpenCount += change;

    public int OpenCount { get; private set; }

    public void Late(long ticks, bool ourDelay) => Assert.True(ticks > 0);

    public void Settled(Bucket bucket, bool stored) => Assert.True(bucket.Revision >= 0);

    public void GivenUp(Bucket bucket, bool incomplete)
    {
    }
}

/// <summary>A write or a recompute of a bucket: begun, then done at the store, then answered; each step may never come.</summary>
internal sealed class Operation(ModelActivation activation, Bucket bucket)
{
    public ModelActivation Activation => activation;

    public Bucket Bucket => bucket;

    public BarWrite? Write { get; init; }

    /// <summary>Of a bar from a state: how many ticks had been committed before the node started that it was made beside.</summary>
    public int CommittedBefore { get; init; }

    public ModelScan? Scan { get; set; }

    public BarWriteResult? Written { get; set; }

    public RecomputeResult? Recomputed { get; set; }

    public bool Failed { get; set; }

    public override string ToString() =>
        $"bucket {bucket.Start}, {bucket.Stage}, applied {bucket.Applied.Count}, write {Write}, written {Written}, scanned {Recomputed}";

    public bool IsDone => Failed || Written is not null || Recomputed is not null;

    /// <summary>Brings the answer to the activation.</summary>
    public void Answer(long nowNs)
    {
        if (activation.Dead) return;
        if (Failed) activation.Buckets.Failed(bucket, nowNs);
        else if (Written is { } written) activation.Buckets.Written(bucket, written);
        else if (Recomputed is { } recomputed) activation.Buckets.Recomputed(bucket, recomputed);
        if (bucket.Stage == BucketStage.Closed)
            Assert.True(bucket.Covered.Includes(bucket.Applied), $"Bucket {bucket.Start} is closed without all that it knows of.");
    }
}

/// <summary>The recompute of a bucket as production requests it.</summary>
internal sealed class ModelScan : RecomputeItem
{
    private readonly Operation _operation;

    public ModelScan(Operation operation, Series series, uint keyId, Bucket bucket, int expectedRevision, RecomputeCause cause)
        : base(series, keyId, bucket.Start)
    {
        _operation = operation;
        (ExpectedRevision, FirstUncovered, Cause) = (expectedRevision, bucket.FirstUncovered, cause);
    }

    public override void Completed(in RecomputeResult result) => _operation.Recomputed = result;

    public override void Failed(Exception error) => _operation.Failed = true;
}
