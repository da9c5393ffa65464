using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Tikr.Core.Ticks;

/// <summary>
/// A column of whole numbers: value = base + divisor * offset, wrapping, with offsets of <see cref="Width"/> bits each, most significant
/// bit first. Any value is read by itself. The unit in which stores may keep columns apart; docs/tick-blocks.md has its layout.
/// </summary>
public readonly ref struct PackedColumn
{
    // The column's bits and whatever follows them in the block.
    private readonly ReadOnlySpan<byte> data;

    private PackedColumn(ReadOnlySpan<byte> data, int count, int width, long least, ulong divisor)
    {
        this.data = data;
        Count = count;
        Width = width;
        Base = least;
        Divisor = divisor;
    }

    /// <summary>Number of values.</summary>
    public int Count { get; }

    /// <summary>Bits per value: 0 for a constant column, 64 for a raw one.</summary>
    public int Width { get; }

    /// <summary>The least value; 0 in a raw column.</summary>
    public long Base { get; }

    /// <summary>Greatest common divisor of the offsets, at least 1.</summary>
    public ulong Divisor { get; }

    /// <summary>The packed offsets.</summary>
    public ReadOnlySpan<byte> Bits => data[..BitPacker.BytesFor(Count, Width)];

    /// <summary>One value.</summary>
    public long this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
            return Width == 0 ? Base : Base + (long)(Divisor * BitUnpacker.Read(data, index, Width));
        }
    }

    /// <summary>Whether base and width alone show that every value is in [from, to).</summary>
    internal bool IsWithin(long from, long to) =>
        Width < 64 && Base >= from && Base + ((Int128)Divisor * ((1L << Width) - 1)) < to;

    /// <summary>Reads a column.</summary>
    /// <param name="bytes">Begins with the column; bytes behind it are allowed and help speed.</param>
    /// <param name="count">Number of values, which the column itself does not say.</param>
    /// <param name="length">Length of the column in bytes.</param>
    /// <exception cref="TickBlockException">The bytes are not a whole column.</exception>
    public static PackedColumn Read(ReadOnlySpan<byte> bytes, int count, out int length)
    {
        if (bytes.Length < 2) throw TickBlockException.Truncated(bytes.Length, "a column's head");
        var width = bytes[0];
        var (baseBytes, divisorBytes) = (bytes[1] >> 4, bytes[1] & 15);
        if (width > 64 || baseBytes > 8 || divisorBytes > 8)
        {
            throw TickBlockException.Damaged(
                $"a column's head says width {width}, {baseBytes} base and {divisorBytes} divisor bytes; at most 64, 8 and 8 exist");
        }

        var head = 2 + baseBytes + divisorBytes;
        length = head + BitPacker.BytesFor(count, width);
        if (length > bytes.Length) throw TickBlockException.Truncated(bytes.Length, $"a column of {length} bytes");
        var least = baseBytes == 0 ? 0 : (long)ReadWord(bytes[2..]) >> (64 - (baseBytes * 8));
        var divisor = divisorBytes == 0 ? 1 : ReadWord(bytes[(2 + baseBytes)..]) >> (64 - (divisorBytes * 8));
        return new PackedColumn(bytes[head..], count, width, least, divisor);
    }

    /// <summary>Reads consecutive values from index <paramref name="start"/>, as many as <paramref name="into"/> holds.</summary>
    public void CopyTo(int start, Span<long> into)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(into.Length, Count - start, nameof(into));
        if (Width == 0) into.Fill(Base);
        else if (!into.IsEmpty) BitUnpacker.Read(data, start, Width, Divisor, Base, into);
    }

    /// <summary>Fewest bytes that hold a number in two's complement; 0 for 0.</summary>
    internal static int SignedBytes(long value) =>
        value == 0 ? 0 : (72 - BitOperations.LeadingZeroCount((ulong)(value ^ (value >> 63)))) >> 3;

    /// <summary>The next eight bytes; zeros stand for what is missing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong ReadWord(ReadOnlySpan<byte> bytes) =>
        bytes.Length >= 8 ? BinaryPrimitives.ReadUInt64BigEndian(bytes) : ReadShortWord(bytes);

    private static ulong ReadShortWord(ReadOnlySpan<byte> bytes)
    {
        Span<byte> word = stackalloc byte[8];
        word.Clear();
        bytes.CopyTo(word);
        return BinaryPrimitives.ReadUInt64BigEndian(word);
    }
}
