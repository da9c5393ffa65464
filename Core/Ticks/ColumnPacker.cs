using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Tikr.Core.Specs;

namespace Tikr.Core.Ticks;

/// <summary>
/// Writes a <see cref="PackedColumn"/>: base, greatest common divisor and width of some values, then their offsets as bits.
/// </summary>
public static class ColumnPacker
{
    /// <summary>Most values of a column.</summary>
    public const int MaxCount = TickBlockFormat.MaxTicks;

    // Width, lengths, base and divisor.
    private const int MaxHead = 18;

    /// <summary>Room that writing a column asks for; more than it fills.</summary>
    public static int MaxBytes(int count) => MaxHead + (count * sizeof(long)) + BitPacker.Slack;

    /// <summary>Writes a column and returns its length in bytes.</summary>
    /// <param name="values">1 to <see cref="MaxCount"/> values; uint64 as bit patterns.</param>
    /// <param name="type">Type of the values, by which they compare.</param>
    /// <param name="into">At least <see cref="MaxBytes"/> bytes.</param>
    public static int Write(ReadOnlySpan<long> values, FieldType type, Span<byte> into)
    {
        Check(values.Length, into.Length);
        var (min, max) = ColumnStatistics.MinMax(values, type);
        return Write(values, min, (ulong)(max - min), into);
    }

    /// <summary>Writes a column whose least value and whose range are known.</summary>
    [SkipLocalsInit]
    internal static int Write(ReadOnlySpan<long> values, long min, ulong range, Span<byte> into)
    {
        Check(values.Length, into.Length);
        if (range == 0) return WriteHead(into, 0, min, 1);
        if (range > long.MaxValue) return WriteRaw(values, into);

        Span<ulong> offsets = stackalloc ulong[MaxCount];
        offsets = offsets[..values.Length];
        var union = ColumnStatistics.Offsets(values, min, offsets);
        var divisor = CommonDivisor.Of(offsets, range, union);
        if (divisor.Value > 1)
        {
            divisor.Divide(offsets);
            range = divisor.Divide(range);
        }

        var width = 64 - BitOperations.LeadingZeroCount(range);
        var head = WriteHead(into, width, min, divisor.Value);
        BitPacker.Pack(offsets, width, into[head..]);
        return head + BitPacker.BytesFor(values.Length, width);
    }

    private static void Check(int count, int room)
    {
        if (count is 0 or > MaxCount) throw new ArgumentException($"A column holds 1 to {MaxCount} values, not {count}.");
        if (room < MaxBytes(count))
            throw new ArgumentException($"A column of {count} values needs {MaxBytes(count)} bytes of room, not {room}.");
    }

    /// <summary>Offsets would not fit 63 bits, which SQL's bigint asks for: the values themselves are the bits.</summary>
    private static int WriteRaw(ReadOnlySpan<long> values, Span<byte> into)
    {
        var head = WriteHead(into, 64, 0, 1);
        BitPacker.Pack(MemoryMarshal.Cast<long, ulong>(values), 64, into[head..]);
        return head + (values.Length * sizeof(long));
    }

    private static int WriteHead(Span<byte> into, int width, long least, ulong divisor)
    {
        var baseBytes = PackedColumn.SignedBytes(least);
        var divisorBytes = divisor == 1 ? 0 : (71 - BitOperations.LeadingZeroCount(divisor)) >> 3;
        into[0] = (byte)width;
        into[1] = (byte)((baseBytes << 4) | divisorBytes);
        // Eight bytes each, of which the leading ones count; what is behind them is overwritten by what follows.
        BinaryPrimitives.WriteInt64BigEndian(into[2..], baseBytes == 0 ? 0 : least << (64 - (baseBytes * 8)));
        BinaryPrimitives.WriteUInt64BigEndian(into[(2 + baseBytes)..], divisorBytes == 0 ? 0 : divisor << (64 - (divisorBytes * 8)));
        return 2 + baseBytes + divisorBytes;
    }
}
