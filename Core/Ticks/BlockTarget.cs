using System.Runtime.CompilerServices;

namespace Tikr.Core.Ticks;

/// <summary>Writes the selected ticks of a block behind those that the columns hold already, without counting them yet.</summary>
internal readonly ref struct BlockTarget(TickColumns columns, TickSelection selection, int keys, int ticks)
{
    private readonly TickSelection selection = selection;
    private readonly int at = columns.Count;

    public void TakeTimes(scoped ReadOnlySpan<long> times)
    {
        var into = columns.Times.AsSpan(at, selection.Count);
        foreach (var range in selection.Ranges)
        {
            times.Slice(range.Start, range.Count).CopyTo(into);
            into = into[range.Count..];
        }
    }

    [SkipLocalsInit]
    public void ReadSequences(scoped ref BlockCursor cursor, bool shared)
    {
        Span<long> residuals = stackalloc long[TickBlockFormat.MaxTicks];
        residuals = residuals[..selection.Count];
        if (shared) ReadKeyed(ref cursor, residuals);
        else ReadPlain(ref cursor, residuals);
        var sequences = columns.Sequences.AsSpan(at, selection.Count);
        var from = 0;
        foreach (var slice in selection.Slices)
        {
            SequenceResiduals.Restore(residuals.Slice(from, slice.Count), slice.Offset, sequences[from..]);
            from += slice.Count;
        }
    }

    public void ReadFields(scoped ref BlockCursor cursor, int fields, ushort[] fieldIds, bool shared, bool hasPresence)
    {
        if (columns.Present is { } present) present.AsSpan(at, selection.Count).Clear();
        ulong seen = 0;
        for (var stored = 0; stored < fields; stored++)
        {
            var id = cursor.Varint();
            var presence = hasPresence ? cursor.Column(ticks) : default;
            var field = IndexOf(fieldIds, id, stored);
            if (field >= 0 && (seen >> field & 1) != 0) throw TickBlockException.Damaged($"field {id} is in it twice");
            var into = field < 0 ? default : columns.Fields[field].AsSpan(at, selection.Count);
            if (shared) ReadKeyed(ref cursor, into);
            else ReadPlain(ref cursor, into);
            if (field < 0) continue;
            seen |= 1UL << field;
            if (hasPresence) ApplyPresence(presence, field, into);
            else SetPresent(field);
        }

        for (var field = 0; field < fieldIds.Length; field++)
        {
            if ((seen >> field & 1) == 0) columns.Fields[field].AsSpan(at, selection.Count).Clear();
        }
    }

    private void SetPresent(int field)
    {
        if (columns.Present is not { } present) return;
        foreach (ref var bits in present.AsSpan(at, selection.Count)) bits |= 1UL << field;
    }

    private void ApplyPresence(in PackedColumn presence, int field, Span<long> values)
    {
        if (presence is { Width: 0, Base: 1 })
        {
            SetPresent(field);
            return;
        }

        var i = 0;
        foreach (var range in selection.Ranges)
        {
            for (var tick = range.Start; tick < range.Start + range.Count; tick++, i++)
            {
                var given = presence[tick] & 1;
                values[i] &= -given;
                if (columns.Present is { } present) present[at + i] |= (ulong)given << field;
            }
        }
    }

    // Into nothing: the column is only passed by.
    private void ReadKeyed(scoped ref BlockCursor cursor, scoped Span<long> into)
    {
        var column = KeyedColumn.Read(ref cursor, keys, ticks);
        if (!into.IsEmpty) column.CopyTo(selection, into);
    }

    private void ReadPlain(scoped ref BlockCursor cursor, scoped Span<long> into)
    {
        var column = cursor.Column(ticks);
        if (!into.IsEmpty) CopyTo(column, into);
    }

    private void CopyTo(scoped in PackedColumn column, scoped Span<long> into)
    {
        foreach (var range in selection.Ranges)
        {
            column.CopyTo(range.Start, into[..range.Count]);
            into = into[range.Count..];
        }
    }

    /// <summary>Blocks mostly have the fields of the series in its order.</summary>
    private static int IndexOf(ushort[] fieldIds, uint id, int likely)
    {
        if (likely < fieldIds.Length && fieldIds[likely] == id) return likely;
        for (var i = 0; i < fieldIds.Length; i++)
        {
            if (fieldIds[i] == id) return i;
        }

        return -1;
    }
}
