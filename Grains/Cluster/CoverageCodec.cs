using System.Buffers;
using System.Buffers.Binary;

namespace Tikr.Grains.Cluster;

/// <summary>What stored bars cover, on its way to the silo whose flushes they are.</summary>
internal static class CoverageCodec
{
    private const int EntryBytes = 4 + 2 + 4 + 8 + 8;

    /// <summary>Appends an entry.</summary>
    public static void Write(IBufferWriter<byte> into, in CoverageEntry entry)
    {
        var span = into.GetSpan(EntryBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(span, entry.Epoch);
        BinaryPrimitives.WriteUInt16LittleEndian(span[4..], entry.SeriesId);
        BinaryPrimitives.WriteUInt32LittleEndian(span[6..], entry.KeyId);
        BinaryPrimitives.WriteInt64LittleEndian(span[10..], entry.BucketStart);
        BinaryPrimitives.WriteUInt64LittleEndian(span[18..], entry.ThroughFlush);
        into.Advance(EntryBytes);
    }

    /// <summary>Takes the first entry off; false at the end.</summary>
    public static bool TryRead(ref ReadOnlySpan<byte> bytes, out CoverageEntry entry)
    {
        entry = default;
        if (bytes.IsEmpty) return false;
        entry = new CoverageEntry(
            BinaryPrimitives.ReadUInt32LittleEndian(bytes), BinaryPrimitives.ReadUInt16LittleEndian(bytes[4..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[6..]), BinaryPrimitives.ReadInt64LittleEndian(bytes[10..]),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[18..]));
        bytes = bytes[EntryBytes..];
        return true;
    }
}

/// <summary>A stored bar of a bucket covers every flush of an epoch up to one.</summary>
/// <param name="Epoch">The epoch.</param>
/// <param name="SeriesId">The series.</param>
/// <param name="KeyId">The key.</param>
/// <param name="BucketStart">The bucket's start, Unix nanoseconds.</param>
/// <param name="ThroughFlush">The flush.</param>
internal readonly record struct CoverageEntry(uint Epoch, ushort SeriesId, uint KeyId, long BucketStart, ulong ThroughFlush);
