using System.Text.Unicode;

namespace Tikr.Core.Wire;

/// <summary>
/// The outer structure of an IngestRequest. Looked through before any tick is read, since the series may follow its ticks or be given
/// twice, and a message is taken whole or not at all.
/// </summary>
internal unsafe ref struct MessageOutline
{
    /// <summary>The series name; the last one counts.</summary>
    public ReadOnlySpan<byte> Series;

    /// <summary>Whether every series name given is UTF-8.</summary>
    public bool SeriesIsValid;

    /// <summary>How many ticks.</summary>
    public int Ticks;

    /// <summary>What is wrong, and where.</summary>
    public WireFault Fault;
    public byte* FaultAt;

    /// <summary>Looks through a message.</summary>
    public static MessageOutline Of(byte* p, byte* end)
    {
        var outline = new MessageOutline { SeriesIsValid = true };
        while (p < end)
        {
            // All but the last byte of a usual tick's head: anything else takes the careful way.
            if (*p == RequestTags.Tick && end - p > 2)
            {
                uint length = p[1], head = 2;
                if (length >= 0x80)
                {
                    length = (length & 0x7f) | ((uint)p[2] << 7);
                    head = p[2] < 0x80 ? 3u : 0;
                }

                if (head != 0 && length <= end - p - head)
                {
                    p += head + length;
                    outline.Ticks++;
                    continue;
                }
            }

            p = outline.ReadPart(p, end);
            if (p is null) break;
        }

        return outline;
    }

    /// <summary>The inside of the next tick, or null if there is none. Only for messages looked through before.</summary>
    public static byte* NextTick(byte* p, byte* end, out byte* tickEnd)
    {
        var cursor = new WireCursor(p, end);
        tickEnd = null;
        while (cursor.Tag() is var tag && tag != 0)
        {
            if (tag != RequestTags.Tick)
            {
                cursor.Skip(tag, 0);
                continue;
            }

            var length = cursor.Bytes().Length;
            tickEnd = cursor.Position;
            return tickEnd - length;
        }

        return null;
    }

    private byte* ReadPart(byte* p, byte* end)
    {
        var cursor = new WireCursor(p, end);
        var tag = cursor.Tag();
        if (tag == RequestTags.Tick)
        {
            cursor.Bytes();
            Ticks++;
        }
        else if (tag == RequestTags.Series)
        {
            Series = cursor.Bytes();
            SeriesIsValid &= Utf8.IsValid(Series);
        }
        else if (tag != 0)
        {
            cursor.Skip(tag, 0);
        }

        Fault = cursor.Fault;
        FaultAt = cursor.Position;
        return Fault == WireFault.None ? cursor.Position : null;
    }
}
