using System.Buffers.Binary;
using Tikr.Core.Specs;

namespace Tikr.Core.Ticks;

/// <summary>Writes a block from front to back into a span that is large enough.</summary>
internal ref struct BlockBuilder(Span<byte> block)
{
    private readonly Span<byte> block = block;
    private int length;

    public void Byte(int value) => block[length++] = (byte)value;

    public void Varint(uint value)
    {
        for (; value > 127; value >>= 7) block[length++] = (byte)(value | 128);
        block[length++] = (byte)value;
    }

    public void Column(scoped ReadOnlySpan<long> values, FieldType type) =>
        length += ColumnPacker.Write(values, type, block[length..]);

    public void Column(scoped ReadOnlySpan<long> values, long min, ulong range) =>
        length += ColumnPacker.Write(values, min, range, block[length..]);

    /// <summary>Ends the block with its checksum and returns its length.</summary>
    public int Seal()
    {
        BinaryPrimitives.WriteUInt32BigEndian(block[length..], TickBlockFormat.Checksum(block[..length]));
        return length + TickBlockFormat.ChecksumBytes;
    }
}
