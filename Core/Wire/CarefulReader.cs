using System.Runtime.CompilerServices;
using System.Text.Unicode;

namespace Tikr.Core.Wire;

/// <summary>Reads any legal encoding of a part of a tick, one part at a time: what the fast path leaves over.</summary>
internal static unsafe class CarefulReader
{
    private const int TickDepth = 1;

    // The generated parser allows one group less inside a map entry.
    private const int EntryDepth = 3;

    /// <summary>
    /// Reads the part at <paramref name="at"/>; answers where the next one begins, or null on a fault. What it was is in
    /// <see cref="TickScope.Part"/>, <see cref="TickScope.Value"/> and <see cref="TickScope.Column"/>.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static byte* ReadPart(ref TickScope scope, byte* at, byte* end)
    {
        var cursor = new WireCursor(at, end);
        var tag = cursor.Tag();
        scope.Part = TickPart.Other;
        switch (tag)
        {
            case TickTags.Timestamp:
                scope.Value = cursor.Varint();
                scope.Part = TickPart.Timestamp;
                break;
            case TickTags.Sequence:
                scope.Value = cursor.Varint();
                scope.Part = TickPart.Sequence;
                break;
            case TickTags.Dimension:
                // Its inside is looked at when the whole tick has been seen.
                cursor.Bytes();
                scope.Part = TickPart.Dimension;
                break;
            case TickTags.Field:
                ReadField(ref scope, ref cursor);
                scope.Part = TickPart.Field;
                break;
            case 0:
                break;
            default:
                cursor.Skip(tag, TickDepth);
                break;
        }

        if (cursor.Fault == WireFault.None) return cursor.Position;
        Fail(ref scope, cursor);
        return null;
    }

    /// <summary>
    /// Reads a map entry of text; false on a fault. A later key or value replaces an earlier one, an absent one is empty.
    /// </summary>
    public static bool ReadTextEntry(
        scoped ref TickScope scope, ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value, out bool valid)
    {
        key = value = default;
        valid = true;
        fixed (byte* start = bytes)
        {
            var entry = new WireCursor(start, start + bytes.Length);
            while (entry.Tag() is var tag && tag != 0)
            {
                if (tag == EntryTags.Key) valid &= Utf8.IsValid(key = entry.Bytes());
                else if (tag == EntryTags.Text) valid &= Utf8.IsValid(value = entry.Bytes());
                else entry.Skip(tag, EntryDepth);
            }

            if (entry.Fault == WireFault.None) return true;
            Fail(ref scope, entry);
            return false;
        }
    }

    /// <summary>Reads a whole tick of a series that nobody declares, for its timestamp and for faults; false on a fault.</summary>
    public static bool ReadUnclaimed(ref TickScope scope, byte* at, byte* end, out ulong timestamp)
    {
        timestamp = 0;
        while (at < end)
        {
            var part = at;
            at = ReadPart(ref scope, at, end);
            if (at is null) return false;
            if (scope.Part == TickPart.Timestamp) timestamp = scope.Value;
            if (scope.Part != TickPart.Dimension) continue;
            var cursor = new WireCursor(part, at);
            cursor.Tag();
            if (!ReadTextEntry(ref scope, cursor.Bytes(), out _, out _, out _)) return false;
        }

        return true;
    }

    private static void ReadField(ref TickScope scope, ref WireCursor cursor)
    {
        var bytes = cursor.Bytes();
        ReadOnlySpan<byte> name = default;
        scope.Column = -1;
        scope.Value = 0;
        fixed (byte* start = bytes)
        {
            var entry = new WireCursor(start, start + bytes.Length);
            while (entry.Tag() is var tag && tag != 0)
            {
                if (tag == EntryTags.Key)
                {
                    name = entry.Bytes();
                    if (!Utf8.IsValid(name)) Find(ref scope, TickOddity.InvalidUtf8, name);
                }
                else if (tag == EntryTags.Number)
                {
                    scope.Value = entry.Varint();
                }
                else
                {
                    entry.Skip(tag, EntryDepth);
                }
            }

            if (entry.Fault != WireFault.None)
            {
                cursor.Fault = entry.Fault;
                cursor.Position = entry.Position;
            }
        }

        if (cursor.Fault != WireFault.None || scope.Series is null) return;
        scope.Column = scope.Series.Fields.ColumnOf(name);
        if (scope.Column >= 0 || scope.Series.Fields.IsNamed(name)) return;
        scope.UnknownFields++;
        Find(ref scope, TickOddity.UnknownField, name);
    }

    private static void Find(ref TickScope scope, TickOddity oddity, ReadOnlySpan<byte> name)
    {
        // Invalid text is what the tick is rejected for, so it is what the message names.
        if (scope.Oddities == TickOddity.None || (oddity == TickOddity.InvalidUtf8 && (scope.Oddities & oddity) == 0))
        {
            scope.Subject = name;
            scope.SubjectValue = default;
        }

        scope.Oddities |= oddity;
    }

    private static void Fail(scoped ref TickScope scope, scoped in WireCursor cursor)
    {
        if (scope.Fault != WireFault.None) return;
        scope.Fault = cursor.Fault;
        scope.FaultAt = cursor.Position;
    }
}
