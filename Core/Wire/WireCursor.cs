using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Tikr.Core.Wire;

/// <summary>
/// Reads protobuf bytes with every check, for the cases off the fast path. After a fault the cursor stands where it happened and every
/// further reading answers nothing.
/// </summary>
internal unsafe ref struct WireCursor(byte* position, byte* end)
{
    /// <summary>Nesting at which the generated parser gives up.</summary>
    public const int RecursionLimit = 100;

    private readonly byte* _end = end;

    /// <summary>Where the next byte is read.</summary>
    public byte* Position = position;

    /// <summary>What went wrong, if anything did.</summary>
    public WireFault Fault;

    /// <summary>Whether nothing more is to be read.</summary>
    public readonly bool AtEnd => Position >= _end || Fault != WireFault.None;

    /// <summary>A tag; 0 at the end or on a fault. Like the generated parser it keeps the low 32 bits of a longer varint.</summary>
    public uint Tag()
    {
        if (AtEnd) return 0;
        var tag = (uint)Varint();
        if (Fault != WireFault.None) return 0;
        if (tag >> 3 != 0) return tag;
        return (uint)Fail(WireFault.BadTag);
    }

    /// <summary>A varint of up to 10 bytes, the low 64 bits of it.</summary>
    public ulong Varint()
    {
        ulong value = 0;
        var at = Position;
        for (var shift = 0; shift < 70; shift += 7)
        {
            if (at >= _end) return Fail(WireFault.Truncated);
            var next = *at++;
            value |= (ulong)(next & 0x7f) << shift;
            if (next >= 0x80) continue;
            Position = at;
            return value;
        }

        return Fail(WireFault.LongVarint);
    }

    /// <summary>Eight bytes, little-endian.</summary>
    public ulong Fixed64()
    {
        if (_end - Position < 8) return Fail(WireFault.Truncated);
        var value = BinaryPrimitives.ReadUInt64LittleEndian(new ReadOnlySpan<byte>(Position, 8));
        Position += 8;
        return value;
    }

    /// <summary>A length that fits what is left, then that many bytes.</summary>
    public ReadOnlySpan<byte> Bytes()
    {
        var start = Position;
        var length = (int)(uint)Varint();
        if (Fault != WireFault.None) return default;
        if (length < 0 || length > _end - Position)
        {
            Position = start;
            Fail(WireFault.BadLength);
            return default;
        }

        var bytes = new ReadOnlySpan<byte>(Position, length);
        Position += length;
        return bytes;
    }

    /// <summary>Skips the value of a field.</summary>
    /// <param name="tag">Its tag.</param>
    /// <param name="depth">Messages around it.</param>
    public void Skip(uint tag, int depth)
    {
        switch (tag & 7)
        {
            case WireType.Varint: Varint(); break;
            case WireType.Fixed64: Advance(8); break;
            case WireType.Bytes: Bytes(); break;
            case WireType.StartGroup: SkipGroup(tag, depth); break;
            case WireType.EndGroup: Fail(WireFault.StrayEndGroup); break;
            case WireType.Fixed32: Advance(4); break;
            default: Fail(WireFault.BadWireType); break;
        }
    }

    private void SkipGroup(uint start, int depth)
    {
        if (depth >= RecursionLimit)
        {
            Fail(WireFault.TooDeep);
            return;
        }

        while (true)
        {
            if (AtEnd)
            {
                Fail(WireFault.Truncated);
                return;
            }

            var tag = Tag();
            if (Fault != WireFault.None) return;
            if ((tag & 7) != WireType.EndGroup)
            {
                Skip(tag, depth + 1);
                continue;
            }

            if (tag >> 3 != start >> 3) Fail(WireFault.MismatchedEndGroup);
            return;
        }
    }

    private void Advance(int bytes)
    {
        if (bytes > _end - Position) Fail(WireFault.Truncated);
        else Position += bytes;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private ulong Fail(WireFault fault)
    {
        if (Fault == WireFault.None) Fault = fault;
        return 0;
    }
}
