using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Tikr.Core.Rollup;

namespace Tikr.Core.Ticks;

/// <summary>
/// Decodes tick blocks into columns of a series as it is now: stored fields that the series no longer has are skipped, fields that a block
/// does not have read as not given. Allocates nothing; safe for concurrent use.
/// </summary>
/// <param name="model">The series.</param>
/// <param name="fieldIds">The store's number for each field of the model.</param>
public sealed class TickBlockReader(SeriesModel model, ushort[] fieldIds)
{
    private readonly ushort[] fieldIds = fieldIds.Length == model.Fields.Length && fieldIds.Length <= TickBlockFormat.MaxFields
        ? fieldIds
        : throw new ArgumentException(
            $"Series '{model.Name}' has {model.Fields.Length} fields, but {fieldIds.Length} ids were given.", nameof(fieldIds));

    /// <summary>Appends the wanted ticks of a block.</summary>
    /// <param name="block">The block.</param>
    /// <param name="oneKeyId">Key of a one-key block, which its storage key holds.</param>
    /// <param name="wantedKeys">Wanted keys, ascending; empty for all.</param>
    /// <param name="fromNs">First wanted event time.</param>
    /// <param name="toNs">Event time to stop before.</param>
    /// <param name="into">Columns to append to.</param>
    /// <param name="runs">Gets one run per key that has wanted ticks.</param>
    /// <exception cref="TickBlockException">The block is damaged; nothing was appended.</exception>
    [SkipLocalsInit]
    public void Read(
        ReadOnlySpan<byte> block, uint oneKeyId, ReadOnlySpan<uint> wantedKeys, long fromNs, long toNs, TickColumns into, List<KeyRun> runs)
    {
        scoped var cursor = new BlockCursor(block, CheckedEnd(block));
        if (cursor.Byte() is var version and not TickBlockFormat.Version)
        {
            throw new TickBlockException(
                $"Tick block has version {version}; this program reads version "
                    + $"{TickBlockFormat.Version}: run the version that wrote it, or a newer one.");
        }

        var form = cursor.Byte();
        if ((form & ~(TickBlockFormat.SharedKeys | TickBlockFormat.HasPresence)) != 0)
            throw TickBlockException.Damaged($"its form {form} does not exist");
        var ticks = cursor.Varint();
        if (ticks is 0 or > TickBlockFormat.MaxTicks)
            throw TickBlockException.Damaged($"it claims {ticks} ticks; a block has 1 to {TickBlockFormat.MaxTicks}");

        var shared = (form & TickBlockFormat.SharedKeys) != 0;
        Span<KeyRun> entries = stackalloc KeyRun[TickBlockFormat.MaxTicks];
        var keys = shared ? KeyDirectory.Read(ref cursor, (int)ticks, entries)
            : KeyDirectory.OfOne(oneKeyId, cursor.Varint(), (int)ticks, entries);
        var fields = cursor.Varint();
        if (fields > TickBlockFormat.MaxFields)
            throw TickBlockException.Damaged($"it claims {fields} fields; a block has at most {TickBlockFormat.MaxFields}");
        var column = cursor.Column((int)ticks);
        Span<long> times = stackalloc long[TickBlockFormat.MaxTicks];
        times = times[..(int)ticks];
        column.CopyTo(0, times);
        KeyDirectory.CheckOrder(keys, times);

        // At most one slice per tick: keys without ticks do not exist.
        Span<TickSelection.Slice> slices = stackalloc TickSelection.Slice[TickBlockFormat.MaxTicks];
        Span<TickSelection.Range> ranges = stackalloc TickSelection.Range[TickBlockFormat.MaxTicks];
        var selection = new TickSelection(slices, ranges);
        KeyDirectory.Select(keys, wantedKeys, column.IsWithin(fromNs, toNs), times, fromNs, toNs, ref selection);
        if (selection.Count == 0) return;

        into.EnsureCapacity(into.Count + selection.Count);
        var target = new BlockTarget(into, selection, keys.Length, (int)ticks);
        target.TakeTimes(times);
        target.ReadSequences(ref cursor, shared);
        target.ReadFields(ref cursor, (int)fields, fieldIds, shared, (form & TickBlockFormat.HasPresence) != 0);
        if (!cursor.AtEnd) throw TickBlockException.Damaged("bytes follow its last column");

        var start = into.Count;
        foreach (var slice in selection.Slices)
        {
            runs.Add(new KeyRun(keys[slice.Key].KeyId, start, slice.Count, keys[slice.Key].FirstRank + (uint)slice.Offset));
            start += slice.Count;
        }

        into.Count = start;
    }

    private static int CheckedEnd(ReadOnlySpan<byte> block)
    {
        var end = block.Length - TickBlockFormat.ChecksumBytes;
        if (end <= 0) throw TickBlockException.Truncated(block.Length, "its checksum");
        var stored = BinaryPrimitives.ReadUInt32BigEndian(block[end..]);
        var actual = TickBlockFormat.Checksum(block[..end]);
        if (stored != actual) throw TickBlockException.Damaged($"its checksum is {stored:x8} but its {end} bytes have {actual:x8}");
        return end;
    }
}
