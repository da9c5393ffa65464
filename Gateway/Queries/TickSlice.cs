using Tikr.Core.Ticks;

namespace Tikr.Gateway.Queries;

/// <summary>Ticks of one key, ordered by (time, sequence, position), within columns.</summary>
/// <param name="Columns">The columns that hold them.</param>
/// <param name="Start">Index of the first.</param>
/// <param name="Count">How many.</param>
/// <param name="First">Durable position of the first; the others follow rank by rank.</param>
internal readonly record struct TickSlice(TickColumns Columns, int Start, int Count, TickPosition First)
{
    /// <summary>Place of the first tick in the order of its key.</summary>
    public TickOrder Head => new(Columns.Times[Start], Columns.Sequences[Start], First);

    /// <summary>The slice without its first ticks.</summary>
    public TickSlice Skip(int count) => new(Columns, Start + count, Count - count, First.Plus(count));
}

/// <summary>What orders the ticks of a key.</summary>
internal readonly record struct TickOrder(long Time, uint Sequence, TickPosition Position) : IComparable<TickOrder>
{
    public int CompareTo(TickOrder other)
    {
        if (Time != other.Time) return Time.CompareTo(other.Time);
        return Sequence != other.Sequence ? Sequence.CompareTo(other.Sequence) : Position.CompareTo(other.Position);
    }
}
