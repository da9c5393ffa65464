using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Tikr.Core.Ticks;

/// <summary>Reads values of equal width, most significant bit first: each is one unaligned load and two shifts.</summary>
internal static class BitUnpacker
{
    // A load takes eight bytes, and a ninth for values that do not fit 57 bits.
    private const int LoadBytes = 9;
    private const int WidestInOneLoad = 57;

    /// <summary>The value at <paramref name="index"/>.</summary>
    public static ulong Read(ReadOnlySpan<byte> bits, int index, int width)
    {
        var bit = index * width;
        var from = bit >> 3;
        return from + LoadBytes <= bits.Length
            ? Load(in MemoryMarshal.GetReference(bits), bit, width) : ReadLast(bits[from..], bit & 7, width);
    }

    /// <summary>
    /// Fills <paramref name="into"/> with scale * value + offset (wrapping) of the values from index <paramref name="start"/>. The span may
    /// reach beyond the packed values: what follows makes the fast loads legal and has no influence.
    /// </summary>
    public static void Read(ReadOnlySpan<byte> bits, int start, int width, ulong scale, long offset, Span<long> into)
    {
        var done = Math.Min(into.Length, LoadableAt(bits.Length, width) - start);
        if (done > 0) Read(in MemoryMarshal.GetReference(bits), start * width, width, scale, offset, into[..done]);
        else done = 0;
        if (done == into.Length) return;

        var bit = (start + done) * width;
        Span<byte> tail = stackalloc byte[2 * LoadBytes];
        tail.Clear();
        bits[(bit >> 3)..].CopyTo(tail);
        Read(in MemoryMarshal.GetReference(tail), bit & 7, width, scale, offset, into[done..]);
    }

    private static ulong ReadLast(ReadOnlySpan<byte> bits, int bit, int width)
    {
        Span<byte> tail = stackalloc byte[2 * LoadBytes];
        tail.Clear();
        bits.CopyTo(tail);
        return Load(in MemoryMarshal.GetReference(tail), bit, width);
    }

    /// <summary>Number of values, counted from the first, whose load stays within the span.</summary>
    private static int LoadableAt(int length, int width) => length < LoadBytes ? 0 : ((length - LoadBytes) * 8 + 7) / width + 1;

    private static void Read(ref readonly byte bits, int bit, int width, ulong scale, long offset, Span<long> into)
    {
        if (width > WidestInOneLoad)
        {
            foreach (ref var value in into)
            {
                value = offset + (long)(scale * Load(in bits, bit, width));
                bit += width;
            }

            return;
        }

        var shift = 64 - width;
        foreach (ref var value in into)
        {
            value = offset + (long)(scale * ((LoadWord(in bits, bit) << (bit & 7)) >> shift));
            bit += width;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Load(ref readonly byte bits, int bit, int width)
    {
        var skip = bit & 7;
        var word = LoadWord(in bits, bit) << skip;
        var ninth = (ulong)Unsafe.Add(ref Unsafe.AsRef(in bits), (bit >> 3) + 8);
        return (word | (ninth >> (8 - skip))) >> (64 - width);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong LoadWord(ref readonly byte bits, int bit)
    {
        var word = Unsafe.ReadUnaligned<ulong>(in Unsafe.Add(ref Unsafe.AsRef(in bits), bit >> 3));
        return BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(word) : word;
    }
}
