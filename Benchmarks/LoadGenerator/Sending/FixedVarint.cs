using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Tikr.LoadGenerator.Sending;

/// <summary>Overwrites varints whose length does not change: nine bytes for today's nanoseconds, four for sequences from 2^21.</summary>
internal static class FixedVarint
{
    public const int TimeLength = 9, SequenceLength = 4;

    /// <summary>Least and most values that take exactly four bytes.</summary>
    public const uint LeastSequence = 1 << 21, MostSequence = (1 << 28) - 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WriteTime(Span<byte> at, ulong nanoseconds)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(at, Spread(nanoseconds) | 0x8080_8080_8080_8080);
        at[8] = (byte)(nanoseconds >> 56);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WriteSequence(Span<byte> at, uint sequence) =>
        BinaryPrimitives.WriteUInt32LittleEndian(at, (uint)Spread(sequence) | 0x0080_8080);

    private static ulong Spread(ulong value)
    {
        if (Bmi2.X64.IsSupported) return Bmi2.X64.ParallelBitDeposit(value, 0x7f7f_7f7f_7f7f_7f7f);
        ulong spread = 0;
        for (var i = 0; i < 8; i++) spread |= (value >> (7 * i) & 0x7f) << (8 * i);
        return spread;
    }
}
