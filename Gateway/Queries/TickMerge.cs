namespace Tikr.Gateway.Queries;

/// <summary>
/// Merges sorted slices of one key into one order, giving out the longest stretch that is certain each time: usually a whole block,
/// since blocks of one key seldom overlap.
/// </summary>
internal sealed class TickMerge
{
    private readonly PriorityQueue<TickSlice, TickOrder> _slices = new();

    /// <summary>Whether nothing waits to be given out.</summary>
    public bool IsEmpty => _slices.Count == 0;

    /// <summary>Adds a slice of at least one tick.</summary>
    public void Add(in TickSlice slice) => _slices.Enqueue(slice, slice.Head);

    /// <summary>Forgets everything.</summary>
    public void Clear() => _slices.Clear();

    /// <summary>Takes the next ticks in order, all of them earlier than <paramref name="before"/>; false if none is.</summary>
    public bool TryTake(long before, out TickSlice stretch)
    {
        if (!_slices.TryPeek(out var slice, out var head) || head.Time >= before)
        {
            stretch = default;
            return false;
        }

        _slices.Dequeue();
        var count = _slices.TryPeek(out _, out var other) ? LengthUpTo(slice, before, other) : LengthBefore(slice, before);
        stretch = slice with { Count = count };
        if (count < slice.Count) Add(slice.Skip(count));
        return true;
    }

    private static int LengthBefore(in TickSlice slice, long before)
    {
        var times = slice.Columns.Times.AsSpan(slice.Start, slice.Count);
        if (times[^1] < before) return slice.Count;
        var count = 1;
        while (times[count] < before) count++;
        return count;
    }

    private static int LengthUpTo(in TickSlice slice, long before, TickOrder other)
    {
        var times = slice.Columns.Times.AsSpan(slice.Start, slice.Count);
        if (times[^1] < before && times[^1] < other.Time) return slice.Count;
        var count = 1;
        while (count < slice.Count && times[count] < before && slice.Skip(count).Head.CompareTo(other) < 0) count++;
        return count;
    }
}
