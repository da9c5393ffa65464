using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Tikr.Core.Wire;

// The parts of a tick, each in the form that encoders usually write.
internal static unsafe partial class TickReader
{
    private const ulong Continues = 0x8080_8080_8080_8080;

    /// <summary>Bytes that may be read at once behind a position: tag, length, a template, a varint.</summary>
    private const int Reach = 2 + FieldMatcher.ComparedBytes + 10;

    /// <summary>The inside of the tick at <paramref name="p"/>, or of the next one; null if there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte* TickAt(byte* p, byte* end, out byte* tickEnd)
    {
        if (*p != RequestTags.Tick || end - p <= 2 || p[1] >= 0x80) return MessageOutline.NextTick(p, end, out tickEnd);
        tickEnd = p + 2 + p[1];
        return p + 2;
    }

    /// <summary>Reads the field entry at <paramref name="p"/>; answers where it ends, or null if it is not in its usual form.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte* Field(
        byte* p, byte* tickEnd, scoped in FieldTarget fields, ref byte expected, out nint column, out long value)
    {
        var lead = Vector128.Load(p + 2);
        column = expected;
        value = 0;
        ref var template = ref Unsafe.Add(ref fields.Templates, column);
        if (fields.Count > 0 && (lead & template.Mask) != template.Bytes)
        {
            for (column = 0; column < fields.Count; column++)
            {
                template = ref Unsafe.Add(ref fields.Templates, column);
                if ((lead & template.Mask) == template.Bytes) break;
            }

            if (column < fields.Count) expected = (byte)column;
        }

        if (column >= fields.Count) return null;
        var entryEnd = p + 2 + p[1];
        var at = p + 2 + template.Length;
        if (p[1] >= 0x80 || entryEnd > tickEnd || (template.Length > FieldMatcher.ComparedBytes && !RestMatches(template, p, fields.End)))
            return null;
        var bytes = Unsafe.ReadUnaligned<ulong>(at);
        var stops = ~bytes & Continues;
        if (stops == 0 || at + (BitOperations.TrailingZeroCount(stops) >> 3) + 1 != entryEnd) return null;
        value = (long)Packed(bytes & (stops ^ (stops - 1)));
        return entryEnd;
    }

    /// <summary>The end of the dimension entry at <paramref name="p"/>; null if it is not in its usual form.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte* Dimension(byte* p, byte* tickEnd)
    {
        uint length = p[1];
        p += 2;
        if (length >= 0x80)
        {
            if (*p >= 0x80) return null;
            length = (length & 0x7f) | ((uint)*p++ << 7);
        }

        p += length;
        return p <= tickEnd ? p : null;
    }

    /// <summary>Reads a varint of up to 9 bytes; answers where it ends, or null if it is longer or reaches too far.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte* Varint(byte* p, byte* tickEnd, out ulong value)
    {
        var bytes = Unsafe.ReadUnaligned<ulong>(p);
        var stops = ~bytes & Continues;
        value = Packed(bytes & (stops ^ (stops - 1)));
        if (stops != 0)
        {
            p += 1 + (BitOperations.TrailingZeroCount(stops) >> 3);
        }
        else
        {
            if (p[8] >= 0x80) return null;
            value |= (ulong)p[8] << 56;
            p += 9;
        }

        return p <= tickEnd ? p : null;
    }

    /// <summary>Drops the continuation bit of each of 8 bytes and closes the gaps.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Packed(ulong bytes)
    {
        bytes = (bytes & 0x007f_007f_007f_007f) | ((bytes & 0x7f00_7f00_7f00_7f00) >> 1);
        bytes = (bytes & 0x0000_3fff_0000_3fff) | ((bytes & 0x3fff_0000_3fff_0000) >> 2);
        return (bytes & 0x0000_0000_0fff_ffff) | ((bytes & 0x0fff_ffff_0000_0000) >> 4);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool RestMatches(in FieldTemplate template, byte* entry, byte* end) =>
        entry + 2 + template.Length + 8 <= end &&
        new ReadOnlySpan<byte>(entry + 2 + FieldMatcher.ComparedBytes, template.Rest.Length).SequenceEqual(template.Rest);

    /// <summary>The fields to look for, and the columns that take their values.</summary>
    private readonly ref struct FieldTarget
    {
        private readonly ref long[] _columns;

        public FieldTarget(FieldMatcher matcher, TickMessage message, byte* end)
        {
            Templates = ref MemoryMarshal.GetArrayDataReference(matcher.Templates);
            Count = matcher.Templates.Length;
            Order = ref MemoryMarshal.GetArrayDataReference(message.FieldOrder);
            _columns = ref MemoryMarshal.GetArrayDataReference(message.Columns.Fields);
            Near = end - Reach;
            End = end;
        }

        public readonly ref FieldTemplate Templates;
        public readonly int Count;

        /// <summary>The column that the field at each place of a tick had last.</summary>
        public readonly ref byte Order;

        /// <summary>The last position at which a part may be read at once.</summary>
        public readonly byte* Near;
        public readonly byte* End;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Set(nint column, int tick, long value) =>
            Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(Unsafe.Add(ref _columns, column)), tick) = value;
    }
}
