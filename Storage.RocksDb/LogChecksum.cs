using System.Buffers.Binary;
using System.Numerics;

namespace Tikr.Storage.RocksDb;

/// <summary>The masked CRC-32C that guards each record of a write-ahead log.</summary>
internal static class LogChecksum
{
    private const uint Mask = 0xa282ead8;

    /// <summary>The checksum as it stands in a record.</summary>
    public static uint Unmask(uint masked)
    {
        var rotated = masked - Mask;
        return (rotated >> 17) | (rotated << 15);
    }

    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        for (; bytes.Length >= 8; bytes = bytes[8..]) crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (var b in bytes) crc = BitOperations.Crc32C(crc, b);
        return ~crc;
    }

    /// <summary>
    /// The one bit whose change explains why bytes have another checksum than they should, counted from their first; -1 if none does. A
    /// checksum is linear: what one bit changes in it depends on nothing but the bit's distance from the end.
    /// </summary>
    public static int ChangedBit(int length, uint computed, uint expected)
    {
        Span<uint> changes = stackalloc uint[8];
        for (var bit = 0; bit < 8; bit++) changes[bit] = BitOperations.Crc32C(0, (byte)(1 << bit));
        for (var at = length - 1; at >= 0; at--)
        {
            var found = changes.IndexOf(computed ^ expected);
            if (found >= 0) return (at * 8) + found;
            for (var bit = 0; bit < 8; bit++) changes[bit] = BitOperations.Crc32C(changes[bit], (byte)0);
        }

        return -1;
    }
}
