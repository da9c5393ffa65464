using System.Buffers;
using Tikr.Storage;

namespace Tikr.Grains.Cluster;

/// <summary>What stored bars cover, on its way to the silo whose flushes they are, as numbers of <see cref="ByteCodec"/>.</summary>
internal static class CoverageCodec
{
    /// <summary>Appends an entry.</summary>
    public static void Write(IBufferWriter<byte> into, in CoverageEntry entry)
    {
        into.WriteVarint(entry.Epoch);
        into.WriteVarint(entry.SeriesId);
        into.WriteVarint(entry.KeyId);
        into.WriteSigned(entry.BucketStart);
        into.WriteVarint(entry.ThroughFlush);
    }

    /// <summary>Reads the next entry; false at the end.</summary>
    public static bool TryRead(ref ByteReader from, out CoverageEntry entry)
    {
        entry = default;
        if (from.IsEmpty) return false;
        entry = new CoverageEntry(
            (uint)from.ReadVarint(), (ushort)from.ReadVarint(), (uint)from.ReadVarint(), from.ReadSigned(), from.ReadVarint());
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
