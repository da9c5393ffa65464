using Tikr.Core.Rollup;
using Tikr.Core.Ticks;
using Tikr.Storage;

namespace Tikr.Grains.Recompute;

/// <summary>Folds as the batches come: aggregates take runs in any order.</summary>
internal sealed class PlainFold : TickFold
{
    private long[] _states = [];

    public override void Begin(SeriesModel model, int pairs)
    {
        base.Begin(model, pairs);
        var length = pairs * model.StateLength;
        if (_states.Length < length) _states = new long[length];
        else _states.AsSpan(0, length).Clear();
    }

    public override ReadOnlySpan<long> StateOf(int place) => _states.AsSpan(place * Model.StateLength, Model.StateLength);

    public override (RepeatCounts All, RepeatCounts New) RepeatsOf(int place, FlushId from) => default;

    protected override void AddRun(int place, TickColumns columns, int start, int count, TickPosition first) =>
        Model.Add(_states.AsSpan(place * Model.StateLength, Model.StateLength), new TickRun(columns, start, count, first));
}
