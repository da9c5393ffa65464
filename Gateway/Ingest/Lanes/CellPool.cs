using Tikr.Core.Delivery;
using Tikr.Core.Rollup;

namespace Tikr.Gateway.Ingest.Lanes;

/// <summary>
/// Cells, states and partials to use again: with many keys there is one of each per bar, and they live just long enough to burden the
/// collector.
/// </summary>
internal sealed class CellPool
{
    // After a burst of keys the rest goes to the garbage collector.
    private const int MaxCells = 262_144, MaxStates = 262_144, MaxPartials = 262_144;
    private readonly Dictionary<int, Stack<long[]>> _states = [];
    private readonly Stack<Partial> _partials = [];
    private Cell? _cells;
    private int _cellCount;

    public Cell NewCell()
    {
        if (_cells is not { } cell) return new Cell();
        _cells = cell.Next;
        _cellCount--;
        return cell;
    }

    public void Return(Cell cell)
    {
        if (_cellCount == MaxCells) return;
        cell.Begin(null!, null!, 0, 0);
        (cell.Next, _cells) = (_cells, cell);
        _cellCount++;
    }

    public void Clear()
    {
        _states.Clear();
        _partials.Clear();
        _partials.TrimExcess();
        (_cells, _cellCount) = (null, 0);
    }

    public Partial NewPartial() => _partials.TryPop(out var partial) ? partial : new Partial();

    public void Return(Partial partial)
    {
        if (partial.State is { } state) Return(state);
        partial.State = null;
        if (_partials.Count < MaxPartials) _partials.Push(partial);
    }

    /// <summary>An empty state, as <see cref="SeriesModel.NewState"/> makes it.</summary>
    public long[] NewState(SeriesModel model)
    {
        if (!_states.TryGetValue(model.StateLength, out var free) || !free.TryPop(out var state)) return model.NewState();
        Array.Clear(state);
        return state;
    }

    private void Return(long[] state)
    {
        if (!_states.TryGetValue(state.Length, out var free)) _states[state.Length] = free = new Stack<long[]>();
        if (free.Count < MaxStates) free.Push(state);
    }
}
