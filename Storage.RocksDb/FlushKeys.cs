using System.Buffers.Binary;

namespace Tikr.Storage.RocksDb;

/// <summary>Keys of the flushes column family: ledger rows (L, epoch) and manifests (M, epoch, flush).</summary>
internal static class FlushKeys
{
    public const int LedgerLength = 5;
    public const int ManifestLength = 13;

    public static void Ledger(Span<byte> to, uint epoch)
    {
        to[0] = (byte)'L';
        BinaryPrimitives.WriteUInt32BigEndian(to[1..], epoch);
    }

    public static void Manifest(Span<byte> to, FlushId id)
    {
        to[0] = (byte)'M';
        BinaryPrimitives.WriteUInt32BigEndian(to[1..], id.Epoch);
        BinaryPrimitives.WriteUInt64BigEndian(to[5..], id.Flush);
    }

    public static uint ReadLedger(ReadOnlySpan<byte> key) => BinaryPrimitives.ReadUInt32BigEndian(key[1..]);

    public static FlushId ReadManifest(ReadOnlySpan<byte> key) =>
        new(BinaryPrimitives.ReadUInt32BigEndian(key[1..]), BinaryPrimitives.ReadUInt64BigEndian(key[5..]));
}
