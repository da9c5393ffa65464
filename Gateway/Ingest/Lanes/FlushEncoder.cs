using System.Runtime.InteropServices;
using Tikr.Core.Ticks;
using Tikr.Storage;

namespace Tikr.Gateway.Ingest.Lanes;

/// <summary>Encodes grouped ticks into the blocks and the manifest of a flush.</summary>
internal sealed class FlushEncoder
{
    /// <summary>A key with at least this many ticks in a flush gets blocks of its own.</summary>
    private const int OwnBlockTicks = 16;

    private readonly List<SharedRun> _shared = [];
    private readonly List<SharedRun> _unordered = [];
    private ulong[] _order = [];
    private int[] _places = [];
    private readonly List<KeyRun> _runs = [];
    private TickColumns? _scratch;
    private bool _blockFitsAll;
    private uint _ordinal;

    /// <summary>Begins a flush.</summary>
    public void Begin() => _ordinal = 0;

    /// <summary>Adds a series' ticks to the commit.</summary>
    public void Encode(FlushGroup group, FlushCommit commit)
    {
        _shared.Clear();
        for (var run = 0; run < group.Keys; run++)
        {
            if (group.CountOf(run) >= OwnBlockTicks) EncodeOwn(group, run, commit);
            else CollectShared(group, run);
        }

        EncodeShared(group, commit);
        AddManifest(group, commit);
    }

    private void EncodeOwn(FlushGroup group, int run, FlushCommit commit)
    {
        int first = group.StartOf(run), end = first + group.CountOf(run);
        var times = group.Columns.Times;
        var series = group.Series.Ingest.Series;
        var key = group.KeyAt(run).KeyId;
        for (var start = first; start < end;)
        {
            var stop = EndOfSpan(times, start, Math.Min(end, start + FlushCommit.MaxBlockTicks));
            var offset = commit.Bytes.WrittenCount;
            var length = TickBlockWriter.WriteOneKey(
                commit.Bytes, group.Columns, start, stop - start, (uint)(start - first), series.Model, series.Model.FieldIds);
            commit.Blocks.Add(new EncodedBlock(
                series.Id, BlockKind.OneKey, key, times[start], _ordinal++, offset, length, stop - start));
            start = stop;
        }
    }

    private void CollectShared(FlushGroup group, int run)
    {
        int first = group.StartOf(run), end = first + group.CountOf(run);
        var times = group.Columns.Times;
        var key = group.KeyAt(run).KeyId;
        for (var start = first; start < end;)
        {
            var stop = EndOfSpan(times, start, end);
            _shared.Add(new SharedRun(
                key % FlushCommit.SharedGroups, times[start], times[stop - 1], key, start, stop - start, (uint)(start - first)));
            start = stop;
        }
    }

    // Blocks must not span more than two seconds, or a range scan would have to begin earlier: runs are packed in order of time, and put in
    // order of key inside each block.
    private void EncodeShared(FlushGroup group, FlushCommit commit)
    {
        if (_shared.Count == 0) return;
        if (SpansOneBlock()) SortByKey();
        else _shared.Sort(SharedRun.ByTime);
        for (var start = 0; start < _shared.Count;)
        {
            var stop = start;
            var ticks = 0;
            while (stop < _shared.Count && _shared[stop].Group == _shared[start].Group
                && ticks + _shared[stop].Count <= FlushCommit.MaxBlockTicks && Fits(start, stop))
            {
                ticks += _shared[stop++].Count;
            }

            WriteShared(group, commit, start, stop - start);
            start = stop;
        }
    }

    // The usual case, thousands of runs in each flush: numbers are sorted instead of the runs, which are large and would be compared by a
    // delegate.
    private void SortByKey()
    {
        var count = _shared.Count;
        if (_order.Length < count)
            (_order, _places) = (new ulong[Math.Max(count, _order.Length * 2)], new int[Math.Max(count, _order.Length * 2)]);
        for (var i = 0; i < count; i++) (_order[i], _places[i]) = (((ulong)_shared[i].Group << 32) | _shared[i].KeyId, i);
        Array.Sort(_order, _places, 0, count);
        _unordered.Clear();
        _unordered.AddRange(_shared);
        for (var i = 0; i < count; i++) _shared[i] = _unordered[_places[i]];
    }

    private bool SpansOneBlock()
    {
        long min = long.MaxValue, max = long.MinValue;
        foreach (var run in _shared)
        {
            min = Math.Min(min, run.FirstTime);
            max = Math.Max(max, run.LastTime);
        }

        return _blockFitsAll = max - min <= FlushCommit.MaxBlockSpanNs;
    }

    private bool Fits(int first, int candidate) =>
        _blockFitsAll || _shared[candidate].LastTime - _shared[first].FirstTime <= FlushCommit.MaxBlockSpanNs;

    private void WriteShared(FlushGroup group, FlushCommit commit, int start, int count)
    {
        var series = group.Series.Ingest.Series;
        var chosen = CollectionsMarshal.AsSpan(_shared).Slice(start, count);
        if (!_blockFitsAll) chosen.Sort(SharedRun.ByKey);
        _scratch = _scratch is not null && _scratch.Fields.Length == group.Columns.Fields.Length
            && _scratch.TracksPresence == group.Columns.TracksPresence
            ? _scratch : series.Model.NewColumns();
        _scratch.EnsureCapacity(FlushCommit.MaxBlockTicks);
        _runs.Clear();
        var at = 0;
        var minTime = long.MaxValue;
        foreach (var run in chosen)
        {
            Copy(group.Columns, run.Start, _scratch, at, run.Count);
            _runs.Add(new KeyRun(run.KeyId, at, run.Count, run.FirstRank));
            minTime = Math.Min(minTime, run.FirstTime);
            at += run.Count;
        }

        var offset = commit.Bytes.WrittenCount;
        var length = TickBlockWriter.WriteSharedKeys(
            commit.Bytes, _scratch, 0, CollectionsMarshal.AsSpan(_runs), series.Model, series.Model.FieldIds);
        commit.Blocks.Add(new EncodedBlock(
            series.Id, BlockKind.SharedKeys, chosen[0].Group, minTime, _ordinal++, offset, length, at));
    }

    private static void Copy(TickColumns from, int start, TickColumns to, int at, int count)
    {
        from.Times.AsSpan(start, count).CopyTo(to.Times.AsSpan(at));
        from.Sequences.AsSpan(start, count).CopyTo(to.Sequences.AsSpan(at));
        for (var f = 0; f < from.Fields.Length; f++) from.Fields[f].AsSpan(start, count).CopyTo(to.Fields[f].AsSpan(at));
        from.Present?.AsSpan(start, count).CopyTo(to.Present.AsSpan(at));
    }

    private static int EndOfSpan(long[] times, int start, int limit)
    {
        var most = times[start] + FlushCommit.MaxBlockSpanNs;
        if (times[limit - 1] <= most) return limit;
        var stop = start + 1;
        while (times[stop] <= most) stop++;
        return stop;
    }

    private static void AddManifest(FlushGroup group, FlushCommit commit)
    {
        var pairs = group.Manifest.Pairs;
        pairs.Clear();
        foreach (var segment in group.Segments) pairs.Add(new BucketRef(group.KeyAt(segment.Run).KeyId, segment.BucketStart));
        commit.Manifest.Add(group.Manifest);
    }

    private readonly record struct SharedRun(uint Group, long FirstTime, long LastTime, uint KeyId, int Start, int Count, uint FirstRank)
    {
        public static readonly Comparison<SharedRun> ByKey = (a, b) =>
            a.Group != b.Group ? a.Group.CompareTo(b.Group) : a.KeyId.CompareTo(b.KeyId);

        public static readonly Comparison<SharedRun> ByTime = (a, b) =>
            a.Group != b.Group ? a.Group.CompareTo(b.Group) : a.FirstTime.CompareTo(b.FirstTime);
    }
}
