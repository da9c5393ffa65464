using Tikr.Core.Rollup;
using Tikr.Core.Ticks;
using Tikr.Storage;

namespace Tikr.Grains.Recompute;

/// <summary>
/// Collects the ticks of a scan, sorts each pair's by (time, sequence, position), leaves out repeats of (time, sequence) and folds the rest
/// once. A tick without a sequence (0) repeats no other.
/// </summary>
internal sealed class DedupFold : TickFold
{
    private readonly List<(int Place, TickPosition Position, bool IsConflict)> _repeats = [];
    private TickColumns _all = new(0);
    private TickColumns _one = new(0);
    private Origin[] _origins = [];
    private int[] _order = [];
    private long[] _states = [];
    private int[] _firstRepeat = [];

    public override void Begin(SeriesModel model, int pairs)
    {
        base.Begin(model, pairs);
        _all = Fitting(_all, model);
        _one = Fitting(_one, model);
        _all.Count = 0;
        _repeats.Clear();
        var length = pairs * model.StateLength;
        if (_states.Length < length) _states = new long[length];
        else _states.AsSpan(0, length).Clear();
        if (_firstRepeat.Length <= pairs) _firstRepeat = new int[pairs + 1];
    }

    protected override void AddRun(int place, TickColumns columns, int start, int count, TickPosition first)
    {
        var at = _all.Count;
        _all.EnsureCapacity(at + count);
        if (_origins.Length < at + count) Array.Resize(ref _origins, _all.Times.Length);
        Copy(columns, start, _all, at, count);
        for (var i = 0; i < count; i++) _origins[at + i] = new Origin(place, first.Plus(i));
        _all.Count = at + count;
    }

    public override void End()
    {
        var count = _all.Count;
        if (_order.Length < count) _order = new int[_all.Times.Length];
        for (var i = 0; i < count; i++) _order[i] = i;
        _order.AsSpan(0, count).Sort(Compare);
        _firstRepeat.AsSpan().Clear();
        var place = 0;
        for (var i = 0; i < count; place++)
        {
            while (place < _origins[_order[i]].Place) _firstRepeat[place++] = _repeats.Count;
            _firstRepeat[place] = _repeats.Count;
            i = FoldPair(place, i, count);
        }

        while (place < _firstRepeat.Length) _firstRepeat[place++] = _repeats.Count;
    }

    public override ReadOnlySpan<long> StateOf(int place) => _states.AsSpan(place * Model.StateLength, Model.StateLength);

    public override (RepeatCounts All, RepeatCounts New) RepeatsOf(int place, FlushId from)
    {
        var horizon = TickPosition.Of(from.Epoch, from.Flush, 0);
        var (all, fresh) = (default(RepeatCounts), default(RepeatCounts));
        for (var i = _firstRepeat[place]; i < _firstRepeat[place + 1]; i++)
        {
            var (_, position, isConflict) = _repeats[i];
            all = With(all, isConflict);
            if (from.Epoch != 0 && position >= horizon) fresh = With(fresh, isConflict);
        }

        return (all, fresh);
    }

    private static RepeatCounts With(in RepeatCounts counts, bool isConflict) => isConflict
        ? counts with { Conflicts = counts.Conflicts + 1 } : counts with { Duplicates = counts.Duplicates + 1 };

    private int FoldPair(int place, int from, int count)
    {
        var kept = 0;
        _one.EnsureCapacity(1);
        for (; from < count && _origins[_order[from]].Place == place; from++)
        {
            var index = _order[from];
            if (kept > 0 && IsRepeat(kept - 1, index))
            {
                _repeats.Add((place, _origins[index].Position, IsConflict: !HasContentOf(kept - 1, index)));
                continue;
            }

            _one.EnsureCapacity(kept + 1);
            Copy(_all, index, _one, kept++, 1);
        }

        // In one run, whose order stands for the positions: only ticks without a sequence are equal in time and sequence.
        Model.Add(_states.AsSpan(place * Model.StateLength, Model.StateLength), new TickRun(_one, 0, kept, default));
        return from;
    }

    private bool IsRepeat(int kept, int index) =>
        _all.Sequences[index] != 0 && _one.Times[kept] == _all.Times[index] && _one.Sequences[kept] == _all.Sequences[index];

    private bool HasContentOf(int kept, int index)
    {
        if (_one.Present is { } present && present[kept] != _all.Present![index]) return false;
        for (var i = 0; i < _one.Fields.Length; i++)
        {
            if (_one.Fields[i][kept] != _all.Fields[i][index]) return false;
        }

        return true;
    }

    private int Compare(int left, int right)
    {
        var order = _origins[left].Place.CompareTo(_origins[right].Place);
        if (order == 0) order = _all.Times[left].CompareTo(_all.Times[right]);
        if (order == 0) order = _all.Sequences[left].CompareTo(_all.Sequences[right]);
        return order == 0 ? _origins[left].Position.CompareTo(_origins[right].Position) : order;
    }

    private static TickColumns Fitting(TickColumns columns, SeriesModel model) =>
        columns.Fields.Length == model.Fields.Length && columns.TracksPresence == model.TracksPresence ? columns : model.NewColumns();

    private static void Copy(TickColumns from, int start, TickColumns to, int at, int count)
    {
        Array.Copy(from.Times, start, to.Times, at, count);
        Array.Copy(from.Sequences, start, to.Sequences, at, count);
        for (var i = 0; i < from.Fields.Length; i++) Array.Copy(from.Fields[i], start, to.Fields[i], at, count);
        if (from.Present is { } present) Array.Copy(present, start, to.Present!, at, count);
    }

    private readonly record struct Origin(int Place, TickPosition Position);
}
