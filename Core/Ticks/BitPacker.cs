using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Tikr.Core.Ticks;

/// <summary>
/// Writes values of equal width one after the other, most significant bit first. Every step stores eight bytes and moves on by the whole
/// bytes that are final, so there is no branch that depends on the bit position; callers leave <see cref="Slack"/> bytes of room behind.
/// </summary>
internal static class BitPacker
{
    /// <summary>Bytes written behind the last one that counts.</summary>
    public const int Slack = 8;

    // A step may carry 7 bits from the step before it, and must finish fewer than 64 bits.
    private const int StepBits = 56;

    public static int BytesFor(int count, int width) => (count * width + 7) >> 3;

    /// <summary>Packs values that fit <paramref name="width"/> (1..64) bits.</summary>
    public static void Pack(ReadOnlySpan<ulong> values, int width, Span<byte> into)
    {
        if (into.Length < BytesFor(values.Length, width) + Slack)
            throw new ArgumentException("Too little room for the packed values.", nameof(into));
        ref var source = ref MemoryMarshal.GetReference(values);
        ref var target = ref MemoryMarshal.GetReference(into);
        if (width * 4 <= StepBits) PackFours(ref source, values.Length, width, ref target);
        else if (width * 2 <= StepBits) PackPairs(ref source, values.Length, width, ref target);
        else if (width <= StepBits) PackSingles(ref source, 0, values.Length, width, default, ref target);
        else PackHalves(ref source, values.Length, width, ref target);
    }

    private static void PackFours(ref ulong source, int count, int width, ref byte target)
    {
        var state = default(Pending);
        var i = 0;
        for (; i + 4 <= count; i += 4)
        {
            var high = (Unsafe.Add(ref source, i) << width) | Unsafe.Add(ref source, i + 1);
            var low = (Unsafe.Add(ref source, i + 2) << width) | Unsafe.Add(ref source, i + 3);
            target = ref state.Put((high << (2 * width)) | low, 4 * width, ref target);
        }

        PackSingles(ref source, i, count, width, state, ref target);
    }

    private static void PackPairs(ref ulong source, int count, int width, ref byte target)
    {
        var state = default(Pending);
        var i = 0;
        for (; i + 2 <= count; i += 2)
        {
            target = ref state.Put((Unsafe.Add(ref source, i) << width) | Unsafe.Add(ref source, i + 1), 2 * width, ref target);
        }

        PackSingles(ref source, i, count, width, state, ref target);
    }

    private static void PackSingles(ref ulong source, int from, int count, int width, Pending state, ref byte target)
    {
        for (var i = from; i < count; i++) target = ref state.Put(Unsafe.Add(ref source, i), width, ref target);
    }

    private static void PackHalves(ref ulong source, int count, int width, ref byte target)
    {
        var state = default(Pending);
        for (var i = 0; i < count; i++)
        {
            var value = Unsafe.Add(ref source, i);
            target = ref state.Put(value >> 32, width - 32, ref target);
            target = ref state.Put((uint)value, 32, ref target);
        }
    }

    /// <summary>The bits that do not fill a byte yet, at the top of a word.</summary>
    private struct Pending
    {
        private ulong word;
        private int used;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public ref byte Put(ulong value, int bits, ref byte target)
        {
            word |= value << (64 - used - bits);
            var stored = BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(word) : word;
            Unsafe.WriteUnaligned(ref target, stored);
            used += bits;
            var whole = used & ~7;
            word <<= whole;
            used &= 7;
            return ref Unsafe.Add(ref target, whole >> 3);
        }
    }
}
