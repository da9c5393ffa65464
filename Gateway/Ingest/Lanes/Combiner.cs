using System.Diagnostics;
using System.Runtime.InteropServices;
using Tikr.Core.Delivery;
using Tikr.Core.Rollup;
using Tikr.Core.Ticks;
using Tikr.Core.Time;
using Tikr.Storage;

namespace Tikr.Gateway.Ingest.Lanes;

/// <summary>
/// Combines committed ticks into one partial bar per (key, bucket) until they are delivered to the grains. Owned by the lane: no
/// locks. The rules are those of docs/state-machine.md.
/// </summary>
internal sealed class Combiner(uint epoch, PastCells past)
{
    private const int MaxUncovered = 65_536;

    // So many cells are looked up before the first is used: they lie anywhere in memory, and the processor waits for several at once.
    private const int AtOnce = 32;
    private readonly List<Cell> _live = [];

    // Past cells of which several gateways may bring ticks: their grains are told, so that none of them closes the bucket for all.
    private readonly List<Cell> _unannounced = [];
    private readonly HashSet<(ushort Series, BucketRef Pair)> _recovered = [];
    private readonly UncoveredFlushes _uncovered = new();
    private readonly CellPool _pool = new();
    private readonly Cell?[] _found = new Cell?[AtOnce];

    // Commits of an epoch follow each other in the store: once one has succeeded, all before it are there or will never be.
    private ulong _lastCommitted, _lastUndecided;

    /// <summary>
    /// Whether a commit failed that may still become visible in the store, such as one that a stalled disk holds up. Its cells are not
    /// delivered before a later commit has succeeded: their grains would scan too early, and claim ticks that their bars do not have.
    /// </summary>
    public bool HasUndecided => _lastUndecided > _lastCommitted;

    /// <summary>Whether past buckets are announced: other gateways may bring ticks of them too.</summary>
    public bool Announces { get; set; }

    /// <summary>Past cells to announce.</summary>
    public int Unannounced => _unannounced.Count;

    /// <summary>Live cells with something to deliver.</summary>
    public int Dirty => _live.Count;

    /// <summary>Cells held, delivered or not.</summary>
    public int Cells { get; private set; }

    /// <summary>Marks a pair whose older ticks only the store knows: its cell, if one is made, is recomputed.</summary>
    public void MarkRecovered(ushort seriesId, BucketRef pair) => _recovered.Add((seriesId, pair));

    /// <summary>Forgets the marks of pairs that recovery has recomputed.</summary>
    public void ForgetRecovered() => _recovered.Clear();

    /// <summary>A flush is in the store, with ticks or without.</summary>
    public void Committed(ulong flush)
    {
        if (flush <= _lastCommitted) throw new InvalidOperationException($"Flush {flush} was committed after flush {_lastCommitted}.");
        _lastCommitted = flush;
    }

    /// <summary>Folds the ticks of a flush.</summary>
    /// <param name="group">The grouped ticks.</param>
    /// <param name="flush">The flush.</param>
    /// <param name="received">When the first message of the flush was received.</param>
    /// <param name="nowNs">
    /// The time now, monotonic nanoseconds. Idleness counts from here and not from the receipt: a slow commit is our delay, not silence.
    /// </param>
    /// <param name="steppedNs">By how much the wall clock was set forward since the receipt, nanoseconds.</param>
    /// <param name="recompute">Whether the bars are made from the stored ticks alone: folding the flush has failed.</param>
    /// <remarks>Of a flush that is not known as <see cref="Committed"/> only the store can tell whether it has the ticks.</remarks>
    public void Fold(FlushGroup group, ulong flush, in Instant received, long nowNs, long steppedNs = 0, bool recompute = false)
    {
        var committed = flush <= _lastCommitted;
        if (!committed) _lastUndecided = flush;
        var series = group.Series;
        var shared = false;
        var segments = CollectionsMarshal.AsSpan(group.Segments);
        for (; !segments.IsEmpty; segments = segments[Math.Min(AtOnce, segments.Length)..])
        {
            var some = segments[..Math.Min(AtOnce, segments.Length)];
            for (var i = 0; i < some.Length; i++) _found[i] = group.KeyAt(some[i].Run).Find(some[i].BucketStart);
            for (var i = 0; i < some.Length; i++)
            {
                ref readonly var segment = ref some[i];
                var cell = _found[i] ?? Open(
                    group.KeyAt(segment.Run), series, segment.BucketStart, received, nowNs, steppedNs);
                if (recompute || (!committed && !cell.Recompute)) MarkRecompute(cell);
                if (!cell.Recompute) Fold(group, segment, cell, flush);
                Touch(cell, flush, nowNs);
                if (cell.IsPast) shared |= !PastCells.TryNote(cell, group, segment, nowNs);
            }
        }

        if (shared) PastCells.NoteShared(group, nowNs);

        Array.Clear(_found);
    }

    private void Fold(FlushGroup group, in BucketSegment segment, Cell cell, ulong flush)
    {
        var model = group.Series.Model;
        var rank = (uint)(segment.Start - group.StartOf(segment.Run));
        cell.State ??= _pool.NewState(model);
        model.Add(cell.State, new TickRun(group.Columns, segment.Start, segment.Count, TickPosition.Of(epoch, flush, rank)));
    }

    /// <summary>
    /// Takes the partials that are ready: all dirty live cells, or only those due; past cells that their streams have left behind.
    /// </summary>
    /// <param name="into">Takes them.</param>
    /// <param name="nowNs">The time now, monotonic nanoseconds.</param>
    /// <param name="throughNs">Everything received up to this monotonic time has been folded: what was due by then is final.</param>
    /// <param name="onlyDue">Whether live cells that are not final may wait.</param>
    public void Collect(List<Delivery> into, long nowNs, long throughNs, bool onlyDue)
    {
        var kept = 0;
        foreach (var cell in CollectionsMarshal.AsSpan(_live))
        {
            var isReady = !onlyDue || cell.DueNs <= throughNs;
            if (isReady && cell.LastFlush <= _lastCommitted) into.Add(new Delivery(cell.Key, Deliver(cell, nowNs, throughNs)));
            else _live[kept++] = cell;
        }

        _live.RemoveRange(kept, _live.Count - kept);
        foreach (var cell in _unannounced) into.Add(new Delivery(cell.Key, Announcement(cell)));
        _unannounced.Clear();
        foreach (var cell in past.TakeEnded(nowNs, _lastCommitted)) into.Add(new Delivery(cell.Key, Deliver(cell, nowNs, throughNs)));
    }

    /// <summary>
    /// Gives out, without states, what was delivered before and is not covered: their grains may be elsewhere now, and what was under way
    /// may be lost.
    /// </summary>
    /// <param name="into">Takes the partials.</param>
    /// <param name="all">The series.</param>
    public void CollectAgain(List<Delivery> into, IReadOnlyList<LaneSeries> all)
    {
        foreach (var one in all)
        {
            foreach (var key in one.Active.Values)
            {
                for (var cell = key.Cells; cell is not null; cell = cell.Next)
                {
                    if (cell.DeliveredFlush >= cell.UncoveredFrom && cell.UncoveredFrom > 0) into.Add(new Delivery(key, Again(cell)));
                    if (cell.IsPast && cell.HasUndelivered && Announces) into.Add(new Delivery(key, Announcement(cell)));
                }
            }
        }

        _unannounced.Clear();
    }

    /// <summary>Takes back what <see cref="Collect"/> gave out, once nobody looks at it any more.</summary>
    public void Recycle(List<Delivery> delivered)
    {
        foreach (var (_, partial) in delivered) _pool.Return(partial);
    }

    /// <summary>Lets go what is only kept to be used again.</summary>
    public void Trim() => _pool.Clear();

    /// <summary>Records that a stored bar covers a pair up to a flush.</summary>
    public void Covered(LaneSeries series, uint keyId, long bucketStart, ulong throughFlush)
    {
        if (!series.Active.TryGetValue(keyId, out var key) || key.Find(bucketStart) is not { } cell) return;
        if (throughFlush >= cell.LastFlush && !cell.HasUndelivered)
        {
            key.Remove(cell);
            Cells--;
            if (key.Cells is null) series.Active.Remove(keyId);
            _uncovered.Remove(cell.UncoveredFrom);
            _pool.Return(cell);
        }
        else if (throughFlush >= cell.UncoveredFrom)
        {
            // A bar may cover flushes that are not folded yet, whose commit's answer was lost: they still have to be noted.
            _uncovered.Remove(cell.UncoveredFrom);
            cell.UncoveredFrom = Math.Min(throughFlush, cell.LastFlush) + 1;
            _uncovered.Add(cell.UncoveredFrom);
        }
    }

    /// <summary>Least flush that some pair still needs; long after it everything may be retired below.</summary>
    public ulong LeastUncovered(ulong next) => _uncovered.Least(next);

    /// <summary>Delivered pairs that no bar covers although they were due, and delivered, long ago.</summary>
    /// <param name="series">Their series.</param>
    /// <param name="beforeNs">They were due, and delivered, before this time, monotonic nanoseconds.</param>
    /// <param name="into">Takes them.</param>
    /// <remarks>At most 65,536 at a time: a silo that is merely behind must not be given the same work twice over.</remarks>
    public static void FindUncovered(LaneSeries series, long beforeNs, List<BucketRef> into)
    {
        foreach (var key in series.Active.Values)
        {
            if (into.Count >= MaxUncovered) return;
            for (var cell = key.Cells; cell is not null; cell = cell.Next)
            {
                if (cell.HasUndelivered || cell.DeliveredNs >= beforeNs || cell.DueNs >= beforeNs) continue;
                into.Add(new BucketRef(key.KeyId, cell.BucketStart));
            }
        }
    }

    // Of a flush that met a step of the clock, later messages have ticks of the new time: their buckets are due by it. A bucket that it
    // has left behind already was opened before the step, unless no tick could have been so far ahead then. A bucket that is further ahead
    // than any tick may be now was accepted by a clock that has been set back since: it is due as if it began now.
    private static long DueNs(LaneSeries series, long bucketStart, in Instant received, long nowNs, long steppedNs)
    {
        var spec = series.Model.Spec;
        var length = spec.RollupNs + spec.GraceNs;
        var furthest = spec.MaxFutureNs + length;
        var due = received.MonotonicAt(series.Model.DueOf(bucketStart));
        var sooner = due - steppedNs;
        if (steppedNs > 0 && (sooner >= received.MonotonicNs || due > received.MonotonicNs + furthest)) due = sooner;
        return due <= nowNs + furthest ? due : nowNs + length;
    }

    private Cell Open(LaneKey key, LaneSeries series, long bucketStart, in Instant received, long nowNs, long steppedNs)
    {
        var cell = _pool.NewCell();
        cell.Begin(key, series, bucketStart, DueNs(series, bucketStart, received, nowNs, steppedNs));
        cell.Next = key.Cells;
        var remembered = key.Remembered(bucketStart);
        cell.DeliveredFlush = remembered.LastFlush;

        // A late tick of a bar that closed by the clock revises it at once; after a past bucket's bar more may follow.
        cell.IsPast = received.MonotonicNs >= cell.DueNs && (remembered.LastFlush == 0 || remembered.IsPast);
        cell.IsEarly = remembered.IsEarly;
        cell.Recompute = series.AlwaysRecomputes
            || (_recovered.Count > 0 && _recovered.Contains((series.SeriesId, new BucketRef(key.KeyId, bucketStart))));
        if (key.Cells is null) series.Active[key.KeyId] = key;
        key.Cells = cell;
        Cells++;
        return cell;
    }

    private void Touch(Cell cell, ulong flush, long nowNs)
    {
        if (cell.FromFlush == 0) cell.FromFlush = flush;
        if (cell.UncoveredFrom == 0)
        {
            cell.UncoveredFrom = flush;
            _uncovered.Add(flush);
        }

        cell.LastFlush = flush;
        cell.TouchedNs = nowNs;
        cell.SilentNs = 0;
        if (cell.IsQueued) return;
        cell.IsQueued = true;
        if (!cell.IsPast)
        {
            _live.Add(cell);
            return;
        }

        past.Add(cell);
        if (Announces) _unannounced.Add(cell);
    }

    private static void MarkRecompute(Cell cell)
    {
        cell.Recompute = true;
        cell.State = null;
    }

    private Partial Again(Cell cell) => new()
    {
        Epoch = epoch,
        FromFlush = cell.UncoveredFrom,
        ToFlush = cell.DeliveredFlush,
        BucketStart = cell.BucketStart,
        DueNs = cell.DueNs,
        IsAgain = true,
        Close = cell.IsPast && !cell.HasUndelivered,
        Early = cell.IsEarly,
    };

    private Partial Announcement(Cell cell)
    {
        var partial = _pool.NewPartial();
        partial.Epoch = epoch;
        (partial.FromFlush, partial.ToFlush, partial.PreviousFlush) = (0, 0, 0);
        (partial.BucketStart, partial.DueNs, partial.State) = (cell.BucketStart, cell.DueNs, null);
        partial.Close = partial.Final = partial.Early = partial.IsAgain = false;
        partial.Announces = true;
        return partial;
    }

    private Partial Deliver(Cell cell, long nowNs, long throughNs)
    {
        var partial = _pool.NewPartial();
        Debug.Assert(cell.DeliveredFlush < cell.FromFlush && cell.FromFlush <= cell.LastFlush, "A range begins behind the last one.");
        partial.Epoch = epoch;
        partial.FromFlush = cell.FromFlush;
        partial.ToFlush = cell.LastFlush;
        partial.PreviousFlush = cell.DeliveredFlush;
        partial.BucketStart = cell.BucketStart;
        partial.DueNs = cell.DueNs;
        partial.State = cell.State;
        partial.Close = cell.IsPast;
        partial.Early = cell.IsEarly;
        partial.Final = !cell.IsPast && cell.DueNs <= throughNs;
        partial.IsAgain = partial.Announces = false;
        cell.DeliveredFlush = cell.LastFlush;
        cell.DeliveredNs = nowNs;
        (cell.FromFlush, cell.State, cell.IsQueued) = (0, null, false);
        return partial;
    }
}
