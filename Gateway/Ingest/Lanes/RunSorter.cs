using Tikr.Core.Ticks;

namespace Tikr.Gateway.Ingest.Lanes;

/// <summary>
/// Orders a key's run by (time, sequence), keeping arrival order among equals. Runs in order, the usual case, are only looked at.
/// </summary>
internal sealed class RunSorter(int fields)
{
    private readonly TickColumns _scratch = new(fields, tracksPresence: true);
    private Entry[] _order = [];

    public void Sort(TickColumns columns, int start, int count)
    {
        if (IsOrdered(columns, start, count)) return;
        if (_order.Length < count) _order = new Entry[Math.Max(count, 256)];
        for (var i = 0; i < count; i++) _order[i] = new Entry(columns.Times[start + i], columns.Sequences[start + i], i);
        var order = _order.AsSpan(0, count);
        order.Sort();
        _scratch.EnsureCapacity(count);
        Permute(columns.Times, _scratch.Times, start, order);
        Permute(columns.Sequences, _scratch.Sequences, start, order);
        for (var f = 0; f < columns.Fields.Length; f++) Permute(columns.Fields[f], _scratch.Fields[f], start, order);
        if (columns.Present is { } present) Permute(present, _scratch.Present!, start, order);
    }

    private static bool IsOrdered(TickColumns columns, int start, int count)
    {
        var times = columns.Times.AsSpan(start, count);
        var sequences = columns.Sequences.AsSpan(start, count);
        for (var i = 1; i < times.Length; i++)
        {
            if (times[i] > times[i - 1]) continue;
            if (times[i] < times[i - 1] || sequences[i] < sequences[i - 1]) return false;
        }

        return true;
    }

    private static void Permute<T>(T[] column, T[] scratch, int start, ReadOnlySpan<Entry> order)
    {
        for (var i = 0; i < order.Length; i++) scratch[i] = column[start + order[i].Index];
        scratch.AsSpan(0, order.Length).CopyTo(column.AsSpan(start));
    }

    private readonly record struct Entry(long Time, uint Sequence, int Index) : IComparable<Entry>
    {
        public int CompareTo(Entry other)
        {
            if (Time != other.Time) return Time < other.Time ? -1 : 1;
            if (Sequence != other.Sequence) return Sequence < other.Sequence ? -1 : 1;
            return Index.CompareTo(other.Index);
        }
    }
}
