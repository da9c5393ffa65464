using Tikr.Core.Ticks;

namespace Tikr.Core.Rollup;

/// <summary>Consecutive ticks of one key in one bucket, ordered by (time, sequence, position). What aggregates add.</summary>
/// <param name="columns">The columns that hold them.</param>
/// <param name="start">Index of the first.</param>
/// <param name="count">How many; at least one.</param>
/// <param name="first">Durable position of the first; the others follow rank by rank.</param>
public readonly ref struct TickRun(TickColumns columns, int start, int count, TickPosition first)
{
    /// <summary>How many ticks.</summary>
    public int Count { get; } = count;

    /// <summary>Event times, ascending.</summary>
    public ReadOnlySpan<long> Times => columns.Times.AsSpan(start, Count);

    /// <summary>Sequences.</summary>
    public ReadOnlySpan<uint> Sequences => columns.Sequences.AsSpan(start, Count);

    /// <summary>Values of one field.</summary>
    public ReadOnlySpan<long> Field(int index) => columns.Fields[index].AsSpan(start, Count);

    /// <summary>Presence bits per tick; empty when every field of every tick counts as given.</summary>
    public ReadOnlySpan<ulong> Present => columns.Present is { } present ? present.AsSpan(start, Count) : default;

    /// <summary>Durable position of tick <paramref name="index"/>.</summary>
    public TickPosition PositionOf(int index) => first.Plus(index);
}
