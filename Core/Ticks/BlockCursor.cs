namespace Tikr.Core.Ticks;

/// <summary>Reads a block from front to back and never past its end.</summary>
internal ref struct BlockCursor(ReadOnlySpan<byte> block, int end)
{
    // Columns get everything behind them as room for fast loads, the checksum included, but may only count what is before the end.
    private readonly ReadOnlySpan<byte> block = block;
    private int position;

    public readonly bool AtEnd => position == end;

    public byte Byte()
    {
        if (position >= end) throw TickBlockException.Truncated(block.Length, "its header");
        return block[position++];
    }

    public uint Varint()
    {
        if (position < end && block[position] < 128) return block[position++];
        uint value = 0;
        for (var shift = 0; shift < 35; shift += 7)
        {
            var part = Byte();
            if (shift == 28 && part > 15) break;
            value |= (uint)(part & 127) << shift;
            if (part < 128) return value;
        }

        throw TickBlockException.Damaged("a number in it does not fit 32 bits");
    }

    public PackedColumn Column(int count)
    {
        var column = PackedColumn.Read(block[position..], count, out var length);
        position += length;
        if (position > end) throw TickBlockException.Truncated(block.Length, $"a column of {length} bytes");
        return column;
    }
}
