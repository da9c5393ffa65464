using System.Buffers.Binary;
using RocksDbSharp;

namespace Tikr.Storage.RocksDb;

/// <summary>An index of the key table by key number: number to hash. Stores of before it are indexed when they are opened.</summary>
internal static class KeyNumbers
{
    private const int BatchKeys = 10_000;

    public static void Put(WriteBatch batch, ColumnFamilyHandle meta, ushort seriesId, uint keyId, UInt128 hash)
    {
        Span<byte> value = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(value, hash);
        Span<byte> key = stackalloc byte[MetaKeys.KeyByNumberLength];
        MetaKeys.KeyByNumber(key, seriesId, keyId);
        batch.Put(key, value, meta);
    }

    public static void Delete(WriteBatch batch, ColumnFamilyHandle meta, ushort seriesId, uint keyId)
    {
        Span<byte> key = stackalloc byte[MetaKeys.KeyByNumberLength];
        MetaKeys.KeyByNumber(key, seriesId, keyId);
        batch.Delete(key, meta);
    }

    /// <summary>The record of a key, or null if it is gone.</summary>
    public static KeyRecord? Find(RocksDbDatabase database, ushort seriesId, uint keyId)
    {
        Span<byte> number = stackalloc byte[MetaKeys.KeyByNumberLength];
        MetaKeys.KeyByNumber(number, seriesId, keyId);
        if (database.Get(Family.Meta, number) is not { } hash) return null;
        Span<byte> name = stackalloc byte[MetaKeys.KeyByHashLength];
        MetaKeys.KeyByHash(name, seriesId, BinaryPrimitives.ReadUInt128BigEndian(hash));
        return database.Get(Family.Meta, name) is { } stored ? KeyRecord.Read(stored) : null;
    }

    /// <summary>Indexes a store of before the index.</summary>
    public static void Complete(RocksDbDatabase database)
    {
        if (database.GetNumber(MetaKeys.KeyNumbersComplete) == 1) return;
        using var batch = new WriteBatch();
        using var lease = new IteratorLease(database, Family.Meta);
        var cursor = lease[0];
        var found = cursor.Seek("K"u8);
        while (found && cursor.Key[0] == (byte)'K')
        {
            var seriesId = BinaryPrimitives.ReadUInt16BigEndian(cursor.Key[1..]);
            var (hash, keyId) = (BinaryPrimitives.ReadUInt128BigEndian(cursor.Key[3..]), KeyRecord.ReadKeyId(cursor.Value));
            found = cursor.Next();
            using (var usage = database.Use()) Put(batch, usage.Families.Meta, seriesId, keyId, hash);
            if (batch.Count() < BatchKeys) continue;
            lease.Park();
            database.Write(batch, acknowledges: false);
            batch.Clear();
            cursor.Resume();
            found = cursor.IsValid;
        }

        lease.Park();
        database.PutNumber(batch, MetaKeys.KeyNumbersComplete, 1);
        database.WriteSynced(batch);
    }
}
