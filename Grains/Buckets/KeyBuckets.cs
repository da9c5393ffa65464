using Tikr.Core.Delivery;
using Tikr.Core.Rollup;
using Tikr.Core.Time;
using Tikr.Storage;

namespace Tikr.Grains.Buckets;

/// <summary>
/// All buckets of one key: the state machine of docs/state-machine.md. Single-threaded, without I/O and without a clock of its own:
/// the grain and the tests drive it alike.
/// </summary>
/// <param name="series">The series.</param>
/// <param name="effects">Where writes, recomputes and coverage go.</param>
/// <param name="options">Limits and pauses.</param>
internal sealed partial class KeyBuckets(Series series, IBucketEffects effects, BucketOptions options)
{
    // A gateway says sooner that a past bucket may close, unless its ticks go on and on; then the bar is revised.
    private static readonly long LongestAwaitNs = TimeSpan.FromMinutes(1).ToNanoseconds();

    // Ordered by start; open ones and the few closed ones that are remembered.
    private readonly List<Bucket> _buckets = [];
    private long[]? _spare;
    private int _closed;

    // The two closed last keep their state: a late tick then costs a merge and not a scan.
    private Bucket? _lastClosed, _closedBefore;

    // A forgotten bucket, to be used again.
    private Bucket? _free;

    // Buckets in stage Open: a replay has thousands in other stages, and looking for the next due one must not visit them for each answer.
    private int _collecting;

    /// <summary>Buckets that are not closed.</summary>
    public int OpenCount => _buckets.Count - _closed;

    /// <summary>When <see cref="CloseDue"/> should run next, monotonic nanoseconds; the greatest there is when nothing waits.</summary>
    public long NextDue
    {
        get
        {
            var next = long.MaxValue;
            if (_collecting == 0) return next;
            foreach (var bucket in _buckets)
            {
                if (bucket.Stage != BucketStage.Open) continue;
                var wait = bucket.Awaited.IsEmpty ? bucket.RetryAt : Math.Max(bucket.AwaitedUntil, bucket.RetryAt);
                next = Math.Min(next, bucket.CloseRequested ? wait : Math.Max(bucket.Due, wait));
            }

            return next;
        }
    }

    /// <summary>Takes a partial.</summary>
    public void Apply(Partial partial, in CloseClock clock)
    {
        var bucket = FindOrOpen(partial);
        if (partial.Announces)
        {
            if (bucket.Stage == BucketStage.Open) Await(bucket, partial.Epoch, clock);
            return;
        }

        bucket.ClosedEarly |= partial.Early;
        if (bucket.Stage == BucketStage.Open)
        {
            bucket.Merge(series.Model, partial, clock.Gateways, ref _spare);
            if (!partial.Close && !partial.Final) return;
            if (MayClose(bucket, partial, clock) && bucket.RetryAt <= clock.NowNs) Close(bucket, clock);
        }
        else if (partial.ToFlush <= bucket.Covered.Of(partial.Epoch))
        {
            effects.Covered(bucket.Start, partial.Epoch, bucket.Covered.Of(partial.Epoch));
        }
        else if (partial.ToFlush > bucket.Applied.Of(partial.Epoch))
        {
            TakeLate(bucket, partial, clock);
        }
    }

    /// <summary>
    /// Flushes of a gateway that is sealed had ticks of a bucket. If it is known here and has not applied them all, it is recomputed; all
    /// others keep their state.
    /// </summary>
    public void NoteSealed(long bucketStart, in FlushVector flushes, in CloseClock clock)
    {
        if (_buckets.Find(bucket => bucket.Start == bucketStart) is null) return;
        for (var i = 0; i < flushes.Count; i++)
        {
            var (epoch, flush) = (flushes[i].Epoch, flushes[i].Flush);
            Apply(new Partial { Epoch = epoch, FromFlush = 1, ToFlush = flush, BucketStart = bucketStart, IsAgain = true }, clock);
        }
    }

    /// <summary>Closes what is due.</summary>
    public void CloseDue(in CloseClock clock)
    {
        if (_collecting == 0) return;
        for (var i = 0; i < _buckets.Count; i++)
        {
            var bucket = _buckets[i];
            if (bucket.Stage != BucketStage.Open || bucket.RetryAt > clock.NowNs || bucket.IsAwaited(clock)) continue;
            if (bucket.CloseRequested) Close(bucket, clock);
            else if (clock.IsDue(bucket.Due))
            {
                bucket.Forced = clock.IsForced(bucket.Due);
                Close(bucket, clock);
            }
        }
    }

    /// <summary>Buckets of which this activation has stored no bar yet, by start.</summary>
    public IEnumerable<Bucket> OpenBuckets(long fromNs, long toNs) =>
        _buckets.Where(bucket => bucket.Start >= fromNs && bucket.Start < toNs
            && bucket is { Stage: not BucketStage.Closed, Revision: < 0 });

    private void Await(Bucket bucket, uint epoch, in CloseClock clock)
    {
        bucket.Awaited = bucket.Awaited.With(epoch);
        bucket.AwaitedUntil = clock.NowNs + LongestAwaitNs + series.Model.Spec.RollupNs;
    }

    // One gateway's word that it has no more is not the others'.
    private static bool MayClose(Bucket bucket, Partial partial, in CloseClock clock)
    {
        bucket.CloseRequested |= partial.Close;
        bucket.Awaited = bucket.Awaited.Without(partial.Epoch);
        if (bucket.CloseRequested) return !bucket.IsAwaited(clock);
        bucket.Final = bucket.Final.With(partial.Epoch);
        return clock.IsFinal(bucket.Due, bucket.Final);
    }

    private void TakeLate(Bucket bucket, Partial partial, in CloseClock clock)
    {
        if (bucket.State is null) bucket.Note(partial);
        else bucket.Merge(series.Model, partial, clock.Gateways, ref _spare);
        var ourDelay = bucket.ClosedEarly || (bucket.Forced && clock.IsForced(bucket.Due));
        if (partial.State is { } state) effects.Late(SeriesModel.TicksIn(state), ourDelay);
        else bucket.CountLateByContent = true;
        if (bucket.Stage != BucketStage.Closed) return;
        _closed--;
        effects.OpenChanged(1);
        Revise(bucket, bucket.Revision);
    }

    private void Close(Bucket bucket, in CloseClock clock)
    {
        // Without a state it was only announced.
        if (bucket.State is null || !bucket.Applied.AreAllOf(clock.Gateways)) bucket.MarkRecompute(ref _spare);
        if (bucket.NeedsRecompute)
            Scan(bucket, bucket.Revision, bucket.Applied.Count > 0 && !bucket.Asked ? RecomputeCause.Gap : RecomputeCause.Asked);
        else WriteState(bucket, bucket.Revision);
    }

    // A state that is still here wrote the revision which it now replaces, or nothing is stored yet: either way it holds all that the
    // stored bar holds.
    private void Revise(Bucket bucket, int expectedRevision)
    {
        if (bucket.State is null) Scan(bucket, expectedRevision, RecomputeCause.Late);
        else WriteState(bucket, expectedRevision);
    }

    private void WriteState(Bucket bucket, int expectedRevision)
    {
        var bar = series.Model.ToBar(bucket.State, bucket.Start, out var overflows);
        bucket.Counts = new PendingCounts(overflows, default, default);
        bucket.Claimed = bucket.Applied;
        Write(bucket, bar, expectedRevision);
    }

    private void Scan(Bucket bucket, int expectedRevision, RecomputeCause cause)
    {
        bucket.MarkRecompute(ref _spare);
        Move(bucket, BucketStage.Scanning);
        bucket.Claimed = bucket.Applied;
        effects.Recompute(bucket, expectedRevision, cause);
    }

    private void Write(Bucket bucket, Bar bar, int expectedRevision)
    {
        Move(bucket, BucketStage.Writing);
        bucket.Expected = expectedRevision;
        bucket.NewTicks = bar.TickCount;
        effects.Write(bucket, bar, expectedRevision);
    }

    private Bucket FindOrOpen(Partial partial)
    {
        var start = partial.BucketStart;
        var (low, high) = (0, _buckets.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var found = _buckets[middle];
            if (found.Start == start) return found;
            if (found.Start < start) low = middle + 1;
            else high = middle - 1;
        }

        var bucket = NewBucket(partial);
        if (!effects.IsProven(bucket.Start)) bucket.BeginUnproven();
        _buckets.Insert(low, bucket);
        _collecting++;
        effects.OpenChanged(1);
        return bucket;
    }

    private Bucket NewBucket(Partial partial)
    {
        if (_free is not { } bucket) return new Bucket(partial.BucketStart, partial.DueNs);
        _free = null;
        bucket.Begin(partial.BucketStart, partial.DueNs);
        return bucket;
    }

    private void Move(Bucket bucket, BucketStage to)
    {
        if (!IsLegal(bucket.Stage, to))
            throw new InvalidOperationException($"Bucket {bucket.Start} cannot go from {bucket.Stage} to {to}.");
        if (bucket.Stage == BucketStage.Open) _collecting--;
        if (to == BucketStage.Open) _collecting++;
        bucket.Stage = to;
    }

    // The table of docs/state-machine.md.
    private static bool IsLegal(BucketStage from, BucketStage to) => (from, to) switch
    {
        (BucketStage.Gone, _) => false,
        (BucketStage.Open, BucketStage.Closed) => false,
        (BucketStage.Closed, BucketStage.Open or BucketStage.Gone) => false,
        _ => true,
    };
}
