using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace Tikr.Core.Specs;

// Order and sum of values, given as their bits.
public readonly partial record struct FieldType
{
    /// <summary>Xor-ed to the bits of values, it turns their order into that of int64.</summary>
    internal long OrderMask => Unsigned ? long.MinValue : 0;

    /// <summary>Whether one value is less than another.</summary>
    public bool IsLess(long bits, long than) => Unsigned ? (ulong)bits < (ulong)than : bits < than;

    /// <summary>The least of at least one value.</summary>
    public long Min(ReadOnlySpan<long> values) =>
        Unsigned ? (long)TensorPrimitives.Min(MemoryMarshal.Cast<long, ulong>(values)) : TensorPrimitives.Min(values);

    /// <summary>The greatest of at least one value.</summary>
    public long Max(ReadOnlySpan<long> values) =>
        Unsigned ? (long)TensorPrimitives.Max(MemoryMarshal.Cast<long, ulong>(values)) : TensorPrimitives.Max(values);

    /// <summary>The sum of the whole numbers of up to 2^31 values.</summary>
    public Int128 Sum(ReadOnlySpan<long> values)
    {
        // Halves of 32 bits are summed apart, so that no intermediate overflows.
        long high = 0, low = 0;
        if (Unsigned)
        {
            foreach (var v in values) { high += (long)((ulong)v >> 32); low += (uint)v; }
        }
        else
        {
            foreach (var v in values) { high += v >> 32; low += (uint)v; }
        }

        return ((Int128)high << 32) + low;
    }
}
