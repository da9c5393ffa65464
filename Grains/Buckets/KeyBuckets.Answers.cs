using Tikr.Core.Rollup;
using Tikr.Core.Time;
using Tikr.Grains.Recompute;
using Tikr.Storage;

namespace Tikr.Grains.Buckets;

/// <summary>What happens when the store has answered.</summary>
internal sealed partial class KeyBuckets
{
    /// <summary>A write came back.</summary>
    public void Written(Bucket bucket, in BarWriteResult result)
    {
        if (bucket.Stage != BucketStage.Writing) return;
        switch (result.Outcome)
        {
            case BarWriteOutcome.Expired:
                GiveUp(bucket, incomplete: false);
                break;
            case BarWriteOutcome.Stored:
            case BarWriteOutcome.Unchanged when result.Current!.Revision == bucket.Expected:
                Settle(bucket, result.Current!.Revision, stored: result.Outcome == BarWriteOutcome.Stored);
                break;
            default:
                NoteConflict(bucket, result);
                Scan(bucket, result.Current?.Revision ?? -1, RecomputeCause.Conflict);
                break;
        }
    }

    // Ticks for a bar that was stored without them came after its close; after a failed attempt that bar may be our own.
    private void NoteConflict(Bucket bucket, in BarWriteResult result)
    {
        var late = result.Outcome == BarWriteOutcome.Conflict && bucket.Failures == 0;
        if (late && bucket.State is { } state) effects.Late(SeriesModel.TicksIn(state), bucket.ClosedEarly);
        else if (late && bucket.Asked) bucket.CountLateByContent = true;
        bucket.Ticks = result.Current?.TickCount ?? 0;
        bucket.Failures = 0;
    }

    /// <summary>A recompute came back.</summary>
    public void Recomputed(Bucket bucket, in RecomputeResult result)
    {
        if (bucket.Stage != BucketStage.Scanning) return;
        bucket.Claimed = bucket.Claimed.With(result.Coverage);
        if (result.Bar is not { } bar)
        {
            var missed = result.Kind == RecomputeKind.NoTicks && !bucket.Claimed.Includes(bucket.Applied);
            if (missed) Scan(bucket, result.ExpectedRevision, RecomputeCause.Late);
            else GiveUp(bucket, result.Kind == RecomputeKind.Incomplete);
            return;
        }

        bucket.Counts = new PendingCounts(result.Overflows, result.Repeats, result.NewRepeats);
        Write(bucket, bar, result.ExpectedRevision);
    }

    /// <summary>A write or recompute failed, or its answer was lost: it may have been done or not.</summary>
    public void Failed(Bucket bucket, long nowNs)
    {
        if (bucket.Stage is not (BucketStage.Writing or BucketStage.Scanning)) return;
        Move(bucket, BucketStage.Open);
        bucket.CloseRequested = true;
        if (bucket.State is null) bucket.MarkRecompute(ref _spare);
        bucket.RetryAt = nowNs + options.Retry.After(bucket.Failures).ToNanoseconds();
        if (bucket.Failures < byte.MaxValue) bucket.Failures++;
    }

    private void Settle(Bucket bucket, int revision, bool stored)
    {
        var late = bucket.NewTicks - bucket.Ticks;
        if (bucket.CountLateByContent && revision > 0 && stored && late > 0) effects.Late(late, bucket.Forced || bucket.ClosedEarly);
        bucket.CountLateByContent = false;
        bucket.Failures = 0;
        bucket.Ticks = bucket.NewTicks;
        bucket.Revision = revision;
        var claimed = bucket.Claimed;
        bucket.Covered = bucket.Covered.With(claimed);
        effects.Settled(bucket, stored);
        bucket.ResetUncovered();
        if (bucket.Covered.Includes(bucket.Applied)) Finish(bucket);
        else Revise(bucket, revision);
        TellCovered(bucket, claimed);
    }

    private void Finish(Bucket bucket)
    {
        Move(bucket, BucketStage.Closed);
        bucket.CloseRequested = false;
        bucket.ClosedOrder = ++_order;
        _closed++;
        KeepState(bucket);
        effects.OpenChanged(-1);
        Forget();
    }

    private void KeepState(Bucket bucket)
    {
        if (bucket == _lastClosed) return;
        if (bucket != _closedBefore && _closedBefore is { Stage: BucketStage.Closed }) _closedBefore.ReleaseState(ref _spare);
        (_closedBefore, _lastClosed) = (_lastClosed, bucket);
    }

    // Nothing can be stored any more, for what was noted meanwhile neither.
    private void GiveUp(Bucket bucket, bool incomplete)
    {
        Move(bucket, BucketStage.Gone);
        bucket.ReleaseState(ref _spare);
        _buckets.Remove(bucket);
        effects.GivenUp(bucket, incomplete);
        effects.OpenChanged(-1);
        TellCovered(bucket, bucket.Claimed.With(bucket.Applied));
    }

    // Last of all: whoever hears of the coverage finds everything else done.
    private void TellCovered(Bucket bucket, in FlushVector covered)
    {
        for (var i = 0; i < covered.Count; i++) effects.Covered(bucket.Start, covered[i].Epoch, covered[i].Flush);
    }

    // One at a time as long as the list is short, so that it makes room for the next; in one pass when enough have gathered, so that a
    // replay of many buckets at once does not shift the list for each.
    private void Forget()
    {
        if (_closed <= Math.Max(options.Remembered, _buckets.Count / 2)) return;
        var horizon = _order - options.Remembered;
        var kept = 0;
        for (var i = 0; i < _buckets.Count; i++)
        {
            var bucket = _buckets[i];
            if (bucket.Stage == BucketStage.Closed && bucket.ClosedOrder <= horizon) Free(bucket);
            else _buckets[kept++] = bucket;
        }

        _closed -= _buckets.Count - kept;
        _buckets.RemoveRange(kept, _buckets.Count - kept);
    }

    // Closed, so nothing is under way that could still answer to it.
    private void Free(Bucket bucket)
    {
        bucket.ReleaseState(ref _spare);
        if (bucket == _lastClosed) _lastClosed = null;
        if (bucket == _closedBefore) _closedBefore = null;
        _free = bucket;
    }

    private uint _order;
}
