using System.Numerics;
using System.Runtime.CompilerServices;

namespace Tikr.Core.Ticks;

/// <summary>
/// Greatest common divisor of offsets as 2^<see cref="Shift"/> times an odd number, with what exact division by it needs: a shift and a
/// multiplication by the odd number's inverse modulo 2^64, so that no value is ever divided.
/// </summary>
internal readonly struct CommonDivisor
{
    private readonly ulong inverse;

    private CommonDivisor(ulong odd, ulong inverse, int shift)
    {
        this.inverse = inverse;
        Shift = shift;
        Value = odd << shift;
    }

    /// <summary>The divisor, at least 1.</summary>
    public ulong Value { get; }

    private int Shift { get; }

    /// <summary>Finds the divisor of offsets below 2^63.</summary>
    /// <param name="offsets">The offsets.</param>
    /// <param name="some">One of them, not 0.</param>
    /// <param name="union">All of them, bitwise or: its trailing zeros are those of the divisor.</param>
    public static CommonDivisor Of(ReadOnlySpan<ulong> offsets, ulong some, ulong union)
    {
        var odd = some >> BitOperations.TrailingZeroCount(some);
        var inverse = 1UL;
        if (odd > 1) (odd, inverse) = OddPart(offsets, odd);
        return new CommonDivisor(odd, inverse, BitOperations.TrailingZeroCount(union));
    }

    /// <summary>Divides a multiple of the divisor.</summary>
    public ulong Divide(ulong multiple) => (multiple >> Shift) * inverse;

    /// <summary>Divides multiples of the divisor in place.</summary>
    public void Divide(Span<ulong> multiples)
    {
        var (shift, factor) = (Shift, inverse);
        foreach (ref var multiple in multiples) multiple = (multiple >> shift) * factor;
    }

    private static (ulong Odd, ulong Inverse) OddPart(ReadOnlySpan<ulong> offsets, ulong odd)
    {
        var inverse = Inverse(odd);
        var limit = ulong.MaxValue / odd;
        foreach (var offset in offsets)
        {
            // Multiples of an odd number are exactly those that its inverse maps below 2^64 / odd.
            if (offset * inverse <= limit) continue;
            odd = OddGcd(odd, offset);
            if (odd == 1) return (1, 1);
            inverse = Inverse(odd);
            limit = ulong.MaxValue / odd;
        }

        return (odd, inverse);
    }

    /// <summary>Binary algorithm without unpredictable branches.</summary>
    private static ulong OddGcd(ulong odd, ulong other)
    {
        var a = (long)odd;
        var b = (long)(other >> BitOperations.TrailingZeroCount(other));
        while (true)
        {
            var difference = a - b;
            if (difference == 0) return (ulong)b;
            var sign = difference >> 63;
            b += difference & sign;
            a = ((difference ^ sign) - sign) >> BitOperations.TrailingZeroCount(difference);
        }
    }

    /// <summary>Inverse of an odd number modulo 2^64; each step doubles the number of correct bits, from five.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Inverse(ulong odd)
    {
        var inverse = (3 * odd) ^ 2;
        inverse *= 2 - odd * inverse;
        inverse *= 2 - odd * inverse;
        inverse *= 2 - odd * inverse;
        inverse *= 2 - odd * inverse;
        return inverse;
    }
}
