using Tikr.Core.Delivery;
using Tikr.Core.Rollup;
using Tikr.Grains.Buckets;
using Tikr.Grains.Writing;
using Tikr.Storage;

namespace Tikr.Grains.Activations;

/// <summary>What the buckets ask for, sent to the services of the silo.</summary>
internal sealed partial class SeriesActivation : IBucketEffects
{
    bool IBucketEffects.IsProven(long bucketStart) =>
        bucketStart >= Series.ProvenFrom && bucketStart >= _services.Ticks.CompleteFrom(Series) && _services.View.IsSettled(_key.Hash)
        && !_services.Sealed.Contains(new RecoveredPair(Series.Id, _keyId, bucketStart));

    void IBucketEffects.Write(Bucket bucket, Bar bar, int expectedRevision)
    {
        var partition = BarOutboxPartition.Of(Series, _keyId, _services.Outbox);
        var write = _spareWrite ?? new BucketWrite(this);
        _spareWrite = null;
        write.Begin(bucket, new BarWrite(Series, _keyId, bar, expectedRevision, partition));
        _services.Writer.Enqueue(write);
    }

    void IBucketEffects.Recompute(Bucket bucket, int expectedRevision, RecomputeCause cause) =>
        _services.Recompute.Enqueue(new BucketRecompute(this, Series, _keyId, bucket)
        {
            ExpectedRevision = expectedRevision,
            FirstUncovered = bucket.FirstUncovered,
            Cause = cause,
        });

    void IBucketEffects.Covered(long bucketStart, uint epoch, ulong throughFlush) =>
        _services.Gateways.Covered(Series.Id, _keyId, bucketStart, epoch, throughFlush);

    void IBucketEffects.OpenChanged(int change)
    {
        var before = _open;
        _open += change;
        if (_released) return;
        _services.Metrics.OpenBarsChanged(change);
        if (before == 0) _services.Registry.OpenKeysChanged(1);
        if (_open > 0) return;
        _services.Registry.OpenKeysChanged(-1);
        StandInIdleLine(_services.NowNs);
    }

    void IBucketEffects.Late(long ticks, bool ourDelay) => _services.Metrics.Late(Series.Name, ticks, ourDelay);

    void IBucketEffects.GivenUp(Bucket bucket, bool incomplete)
    {
        if (incomplete) _services.Metrics.Incomplete(Series.Name);
    }

    void IBucketEffects.Settled(Bucket bucket, bool stored)
    {
        var metrics = _services.Metrics;
        var counts = bucket.Counts;
        if (stored) _services.Overflows.Report(Series, counts.Overflows);
        _services.Repeats.Report(Series.Name, stored && bucket.Revision == 0 ? counts.Repeats : counts.NewRepeats);
        if (stored && bucket is { Revision: 0, CloseRequested: false }) metrics.CloseLag(_services.NowNs - bucket.Due);
    }
}
