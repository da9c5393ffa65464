using System.Runtime.InteropServices;
using Tikr.Core.Time;

namespace Tikr.Gateway.Ingest.Lanes;

/// <summary>
/// The past cells that have something to deliver. One is ready when every stream that brings past ticks of its
/// key has passed it with them, or after a silence. Belongs to the lane.
/// </summary>
internal sealed class PastCells(LaneSeriesSet series, IngestOptions options)
{
    // A look at all of them costs this much at most for each, and takes a fiftieth of the time at most.
    private const long NsPerCell = 2_000;
    private const int MaxSpare = 65_536;
    private static readonly long LongestPauseNs = TimeSpan.FromSeconds(1).ToNanoseconds();
    private readonly long _idleNs = options.PastBucketIdle.ToNanoseconds();
    private readonly List<Cell> _cells = [];
    private readonly List<Cell> _ended = [];
    private readonly Stack<CatchUp> _spare = [];
    private long _lookedNs = long.MinValue, _nextNs = long.MinValue;

    /// <summary>How many there are.</summary>
    public int Count => _cells.Count;

    /// <summary>How many of the cells taken last were not ready, but there were too many.</summary>
    public int ClosedEarly { get; private set; }

    /// <summary>Takes in a cell with its first tick since its last delivery.</summary>
    public void Add(Cell cell)
    {
        _cells.Add(cell);
        var key = cell.Key;
        key.CatchUp ??= _spare.TryPop(out var spare) ? spare : new CatchUp();
        key.CatchUp.Cells++;
    }

    /// <summary>Notes which streams brought the ticks of a past cell's segment, and how far they have come.</summary>
    /// <returns>False if only the messages of the flush tell: see <see cref="NoteShared"/>.</returns>
    public static bool TryNote(Cell cell, FlushGroup group, in BucketSegment segment, long nowNs)
    {
        if (group.OnlySourceOf(segment.Run) is not { } source) return false;
        cell.Key.CatchUp!.Note(source, group.Columns.Times[segment.Start + segment.Count - 1], nowNs);
        return true;
    }

    /// <summary>Notes the same, tick by tick, for the keys of a flush that several streams brought.</summary>
    public static void NoteShared(FlushGroup group, long nowNs)
    {
        foreach (var queued in group.Messages)
        {
            var columns = queued.Message!.Columns;
            var keys = queued.Message.Keys.AsSpan(0, columns.Count);
            for (var i = 0; i < keys.Length; i++)
            {
                var key = LaneKey.Of(keys[i]);
                if (key.CatchUp is not { } catchUp || group.OnlySourceOf(key.Run) is not null) continue;
                var time = columns.Times[i];
                if (key.Find(group.Series.Model.BucketOf(time)) is { IsPast: true }) catchUp.Note(queued.Source, time, nowNs);
            }
        }
    }

    /// <summary>Takes out the cells that are ready. The list is valid until the next call.</summary>
    /// <param name="nowNs">The time now, monotonic nanoseconds; what was received by then has been folded.</param>
    /// <param name="lastCommitted">Cells of later flushes wait.</param>
    public List<Cell> TakeEnded(long nowNs, ulong lastCommitted)
    {
        _ended.Clear();
        ClosedEarly = 0;
        if (_cells.Count == 0 || (nowNs < _nextNs && _cells.Count <= options.MaxPastBuckets)) return _ended;
        foreach (var one in series.All) one.Sources.LookForHeld(nowNs);
        var sinceNs = _lookedNs == long.MinValue ? long.MaxValue : nowNs - _lookedNs;
        _lookedNs = nowNs;
        _nextNs = nowNs + Math.Min(LongestPauseNs, _cells.Count * NsPerCell);
        var kept = 0;
        foreach (var cell in CollectionsMarshal.AsSpan(_cells))
        {
            if (cell.LastFlush <= lastCommitted && HasEnded(cell, nowNs, sinceNs)) Take(cell);
            else _cells[kept++] = cell;
        }

        _cells.RemoveRange(kept, _cells.Count - kept);
        if (kept > options.MaxPastBuckets) TakeOldest(lastCommitted);
        return _ended;
    }

    // Time in which a stream was not read does not count.
    private bool HasEnded(Cell cell, long nowNs, long sinceNs)
    {
        var model = cell.Series.Model;
        var silence = new Silence(OpenNs: Math.Max(_idleNs, model.Spec.RollupNs), EndedNs: _idleNs);
        var held = cell.Key.CatchUp!.HoldsBack(model.DueOf(cell.BucketStart), nowNs, silence);
        if (!held.Any) return true;
        cell.SilentNs += Math.Max(0, Math.Min(sinceNs, nowNs - cell.TouchedNs) - held.HeldNs);
        return cell.SilentNs >= silence.After(held.AnyOpen);
    }

    // A quarter at once: more will come, and it costs a sort.
    private void TakeOldest(ulong lastCommitted)
    {
        _cells.Sort(static (left, right) => left.TouchedNs.CompareTo(right.TouchedNs));
        var surplus = _cells.Count - (options.MaxPastBuckets / 4 * 3);
        var kept = 0;
        for (var i = 0; i < _cells.Count; i++)
        {
            var cell = _cells[i];
            if (i >= surplus || cell.LastFlush > lastCommitted)
            {
                _cells[kept++] = cell;
                continue;
            }

            cell.IsEarly = true;
            ClosedEarly++;
            Take(cell);
        }

        _cells.RemoveRange(kept, _cells.Count - kept);
    }

    private void Take(Cell cell)
    {
        _ended.Add(cell);
        var catchUp = cell.Key.CatchUp!;
        if (--catchUp.Cells > 0) return;
        cell.Key.CatchUp = null;
        catchUp.Clear();
        if (_spare.Count < MaxSpare) _spare.Push(catchUp);
    }
}
