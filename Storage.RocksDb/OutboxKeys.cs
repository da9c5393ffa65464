using System.Buffers.Binary;

namespace Tikr.Storage.RocksDb;

/// <summary>Keys of the outbox column family: partition, id.</summary>
internal static class OutboxKeys
{
    public const int Length = 12;

    public static void Write(Span<byte> to, int partition, ulong id)
    {
        BinaryPrimitives.WriteInt32BigEndian(to, partition);
        BinaryPrimitives.WriteUInt64BigEndian(to[4..], id);
    }

    public static (int Partition, ulong Id) Read(ReadOnlySpan<byte> key) =>
        (BinaryPrimitives.ReadInt32BigEndian(key), BinaryPrimitives.ReadUInt64BigEndian(key[4..]));
}
