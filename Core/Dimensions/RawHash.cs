using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Tikr.Core.Dimensions;

/// <summary>
/// Hash of raw dimension bytes for the interner's table: folded 64 x 64 multiplications, seeded per process so that producers
/// cannot aim for collisions. Speed only; identity is decided by comparing the bytes.
/// </summary>
internal static unsafe class RawHash
{
    private static readonly ulong SeedA = NewSeed(), SeedB = NewSeed();

    /// <summary>Hash of some bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Of(byte* bytes, int length)
    {
        if (length is > 16 or < 8) return length < 8 ? OfShort(bytes, length) : OfLong(bytes, length);
        return Finish(Load(bytes), Load(bytes + length - 8), SeedB, length);
    }

    private static ulong OfLong(byte* bytes, int length)
    {
        var state = SeedB;
        var left = length;
        while (left > 16)
        {
            state = Fold(Load(bytes) ^ SeedA, Load(bytes + 8) ^ state);
            bytes += 16;
            left -= 16;
        }

        return Finish(Load(bytes + left - 16), Load(bytes + left - 8), state, length);
    }

    private static ulong OfShort(byte* bytes, int length)
    {
        ulong value = 0;
        for (var i = 0; i < length; i++) value = (value << 8) | bytes[i];
        return Finish(value, 0, SeedB, length);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Finish(ulong a, ulong b, ulong state, int length) =>
        Fold(Fold(a ^ SeedA, b ^ state) ^ (ulong)length, SeedA);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Fold(ulong a, ulong b)
    {
        var high = Math.BigMul(a, b, out var low);
        return high ^ low;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Load(byte* at) => Unsafe.ReadUnaligned<ulong>(at);

    private static ulong NewSeed()
    {
        Span<byte> bytes = stackalloc byte[8];
        RandomNumberGenerator.Fill(bytes);
        return BitConverter.ToUInt64(bytes) | 1;
    }
}
