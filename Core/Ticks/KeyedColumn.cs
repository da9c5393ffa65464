using System.Numerics;
using System.Runtime.CompilerServices;
using Tikr.Core.Specs;

namespace Tikr.Core.Ticks;

/// <summary>
/// A column over the ticks of several keys. Where each key's values lie close together but keys lie far apart (prices, sequences), the
/// least value of each key is a column of its own and the ticks keep what they exceed it by.
/// </summary>
internal readonly ref struct KeyedColumn
{
    private const int Plain = 0, PerKey = 1;

    // Heads of a second column, about.
    private const int SplitCostBits = 64;

    private readonly PackedColumn bases;
    private readonly PackedColumn values;
    private readonly bool hasBases;

    private KeyedColumn(PackedColumn bases, PackedColumn values, bool hasBases)
    {
        this.bases = bases;
        this.values = values;
        this.hasBases = hasBases;
    }

    /// <summary>Writes the column, split where that is smaller.</summary>
    [SkipLocalsInit]
    public static void Write(ref BlockBuilder block, scoped ReadOnlySpan<long> values, ReadOnlySpan<KeyRun> runs, FieldType type)
    {
        var (min, max) = ColumnStatistics.MinMax(values, type);
        var range = (ulong)(max - min);
        Span<long> bases = stackalloc long[TickBlockFormat.MaxTicks];
        bases = bases[..runs.Length];
        if (range is 0 or > long.MaxValue || runs.Length == values.Length || !IsSplitSmaller(values, runs, min, range, bases))
        {
            block.Byte(Plain);
            block.Column(values, min, range);
            return;
        }

        Span<long> above = stackalloc long[TickBlockFormat.MaxTicks];
        above = above[..values.Length];
        var at = 0;
        for (var key = 0; key < runs.Length; key++)
        {
            for (var end = at + runs[key].Count; at < end; at++) above[at] = values[at] - bases[key];
        }

        block.Byte(PerKey);
        block.Column(bases, type);
        block.Column(above, FieldType.Int64);
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    public static KeyedColumn Read(scoped ref BlockCursor cursor, int keys, int ticks) => cursor.Byte() switch
    {
        Plain => new KeyedColumn(default, cursor.Column(ticks), hasBases: false),
        PerKey => new KeyedColumn(cursor.Column(keys), cursor.Column(ticks), hasBases: true),
        var other => throw TickBlockException.Damaged($"a column of form {other} is in it; only 0 and 1 exist"),
    };

    /// <summary>Reads the selected ticks.</summary>
    public void CopyTo(scoped in TickSelection selection, Span<long> into)
    {
        var at = 0;
        foreach (var range in selection.Ranges)
        {
            values.CopyTo(range.Start, into.Slice(at, range.Count));
            at += range.Count;
        }

        if (!hasBases) return;
        at = 0;
        foreach (var slice in selection.Slices)
        {
            var least = bases[slice.Key];
            for (var end = at + slice.Count; at < end; at++) into[at] += least;
        }
    }

    /// <summary>Compares estimated bits and leaves each key's least value in <paramref name="bases"/>.</summary>
    private static bool IsSplitSmaller(ReadOnlySpan<long> values, ReadOnlySpan<KeyRun> runs, long min, ulong range, Span<long> bases)
    {
        ulong ranges = 0;
        var at = 0;
        for (var key = 0; key < runs.Length; key++)
        {
            // Relative to the least of all, signed and unsigned values compare alike.
            var (low, high) = (long.MaxValue, 0L);
            for (var end = at + runs[key].Count; at < end; at++)
            {
                var offset = values[at] - min;
                low = Math.Min(low, offset);
                high = Math.Max(high, offset);
            }

            bases[key] = min + low;
            ranges |= (ulong)(high - low);
        }

        var together = Bits(range) * values.Length;
        var apart = (Bits(ranges) * values.Length) + (Bits(range) * runs.Length) + SplitCostBits;
        return apart < together;
    }

    private static int Bits(ulong range) => 64 - BitOperations.LeadingZeroCount(range);
}
