using System.Buffers.Binary;

namespace Tikr.Storage.RocksDb;

/// <summary>
/// Key of a tick block. The slice comes first: all that is written at one time is near each other in the table files, whatever the
/// number of series and keys, so compactions mostly move whole files, and expiry deletes whole files.
/// </summary>
internal readonly record struct TickKey(
    uint Slice, ushort SeriesId, BlockKind Kind, uint Group, long MinTime, uint Epoch, ulong Flush, uint Ordinal)
{
    public const int Length = 35;

    /// <summary>Length of a slice of event time, in nanoseconds.</summary>
    public const long SliceNs = 10_000_000_000;

    /// <summary>Slice of a block by its least time.</summary>
    public static uint SliceOf(long timeNs) => timeNs <= 0 ? 0 : (uint)(timeNs / SliceNs);

    /// <summary>Where the slice begins, Unix nanoseconds.</summary>
    public static long StartOf(uint slice) => slice * SliceNs;

    public static TickKey Of(in EncodedBlock block, FlushId id) =>
        new(SliceOf(block.MinTime), block.SeriesId, block.Kind, block.Group, block.MinTime, id.Epoch, id.Flush, block.Ordinal);

    public void Write(Span<byte> to)
    {
        BinaryPrimitives.WriteUInt32BigEndian(to, Slice);
        BinaryPrimitives.WriteUInt16BigEndian(to[4..], SeriesId);
        to[6] = (byte)Kind;
        BinaryPrimitives.WriteUInt32BigEndian(to[7..], Group);
        BinaryPrimitives.WriteInt64BigEndian(to[11..], MinTime);
        BinaryPrimitives.WriteUInt32BigEndian(to[19..], Epoch);
        BinaryPrimitives.WriteUInt64BigEndian(to[23..], Flush);
        BinaryPrimitives.WriteUInt32BigEndian(to[31..], Ordinal);
    }

    public static TickKey Read(ReadOnlySpan<byte> from) => new(
        BinaryPrimitives.ReadUInt32BigEndian(from), BinaryPrimitives.ReadUInt16BigEndian(from[4..]), (BlockKind)from[6],
        BinaryPrimitives.ReadUInt32BigEndian(from[7..]), BinaryPrimitives.ReadInt64BigEndian(from[11..]),
        BinaryPrimitives.ReadUInt32BigEndian(from[19..]), BinaryPrimitives.ReadUInt64BigEndian(from[23..]),
        BinaryPrimitives.ReadUInt32BigEndian(from[31..]));

    /// <summary>The four bytes that every key of the slice begins with.</summary>
    public static byte[] SlicePrefix(uint slice)
    {
        var prefix = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(prefix, slice);
        return prefix;
    }
}

/// <summary>Key of a bar.</summary>
internal readonly record struct BarKey(ushort SeriesId, long RollupNs, uint KeyId, long Bucket)
{
    public const int Length = 22;

    /// <summary>Length of the part that all bars of a key and granularity share: the reaper's group.</summary>
    public const int GroupLength = 14;

    public void Write(Span<byte> to)
    {
        BinaryPrimitives.WriteUInt16BigEndian(to, SeriesId);
        BinaryPrimitives.WriteInt64BigEndian(to[2..], RollupNs);
        BinaryPrimitives.WriteUInt32BigEndian(to[10..], KeyId);
        BinaryPrimitives.WriteInt64BigEndian(to[14..], Bucket);
    }

    public byte[] ToArray()
    {
        var bytes = new byte[Length];
        Write(bytes);
        return bytes;
    }

    public static BarKey Read(ReadOnlySpan<byte> from) => new(
        BinaryPrimitives.ReadUInt16BigEndian(from), BinaryPrimitives.ReadInt64BigEndian(from[2..]),
        BinaryPrimitives.ReadUInt32BigEndian(from[10..]), BinaryPrimitives.ReadInt64BigEndian(from[14..]));

    /// <summary>Whether both are bars of one key and granularity.</summary>
    public bool SameGroup(in BarKey other) => SeriesId == other.SeriesId && RollupNs == other.RollupNs && KeyId == other.KeyId;
}
