using Tikr.Core.Rollup;
using Tikr.Core.Ticks;
using Tikr.Storage;

namespace Tikr.Grains.Recompute;

/// <summary>
/// Collects the ticks of a scan, sorts each pair's by (time, sequence, position), leaves out repeats of (time, sequence) and folds the rest
/// once.
/// </summary>
internal sealed class DedupFold : TickFold
{
    private readonly List<(int Place, TickPosition Position)> _repeats = [];
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

    public override (int All, int New) DuplicatesOf(int place, FlushId from)
    {
        var (start, end) = (_firstRepeat[place], _firstRepeat[place + 1]);
        if (from.Epoch == 0) return (end - start, 0);
        var horizon = TickPosition.Of(from.Epoch, from.Flush, 0);
        var fresh = 0;
        for (var i = start; i < end; i++)
        {
            if (_repeats[i].Position >= horizon) fresh++;
        }

        return (end - start, fresh);
    }

    private int FoldPair(int place, int from, int count)
    {
        var kept = 0;
        _one.EnsureCapacity(1);
        for (; from < count && _origins[_order[from]].Place == place; from++)
        {
            var index = _order[from];
            if (kept > 0 && _one.Times[kept - 1] == _all.Times[index] && _one.Sequences[kept - 1] == _all.Sequences[index])
            {
                _repeats.Add((place, _origins[index].Position));
                continue;
            }

            _one.EnsureCapacity(kept + 1);
            Copy(_all, index, _one, kept++, 1);
        }

        // Positions no longer matter: without repeats no two ticks of the bucket are equal in time and sequence.
        Model.Add(_states.AsSpan(place * Model.StateLength, Model.StateLength), new TickRun(_one, 0, kept, default));
        return from;
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
