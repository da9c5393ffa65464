using System.Text.Unicode;
using Tikr.Core.Wire;

namespace Tikr.Core.Otlp.Reading;

/// <summary>Parts that bars do not need: nothing is kept of them, but what no parser would take is refused.</summary>
internal unsafe ref partial struct ProtobufReader
{
    private readonly void PassOver(ref WireCursor cursor, uint tag, OtlpPart message, int depth)
    {
        var part = (tag & 7) == WireType.Bytes ? OtlpParts.Of(message, tag >> 3) : OtlpPart.Opaque;
        if (part == OtlpPart.Opaque) cursor.Skip(tag, depth);
        else Look(cursor.Bytes(), part, depth + 1);
    }

    private readonly void Look(ReadOnlySpan<byte> bytes, OtlpPart part, int depth)
    {
        if (part == OtlpPart.Text)
        {
            if (!Utf8.IsValid(bytes)) problem.Note(OtlpMessages.NotUtf8);
            return;
        }

        if (part == OtlpPart.Words)
        {
            if (bytes.Length % sizeof(ulong) != 0) problem.Note(OtlpMessages.NotProtobuf(WireFault.Truncated, bytes.Length));
            return;
        }

        fixed (byte* start = bytes)
        {
            var cursor = Begin(start, bytes);
            if (part == OtlpPart.Varints)
            {
                while (!cursor.AtEnd) cursor.Varint();
            }
            else if (depth > WireCursor.RecursionLimit)
            {
                cursor.Fault = WireFault.TooDeep;
            }
            else
            {
                while (cursor.Tag() is var tag and not 0) PassOver(ref cursor, tag, part, depth);
            }

            Check(cursor, start);
        }
    }
}
