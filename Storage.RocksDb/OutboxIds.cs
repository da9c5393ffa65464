using RocksDbSharp;

namespace Tikr.Storage.RocksDb;

/// <summary>Ids of outbox entries, ascending for ever. The next one is written with the entries that took the ones before.</summary>
internal sealed class OutboxIds
{
    private readonly RocksDbDatabase _database;
    private readonly byte[] _key;

    public OutboxIds(RocksDbDatabase database, ReadOnlySpan<byte> key)
    {
        (_database, _key) = (database, key.ToArray());
        Next = database.GetNumber(key, 1);
    }

    /// <summary>Id of the next entry; under the gate of whoever writes the entries.</summary>
    public ulong Next { get; private set; }

    public ulong Take() => Next++;

    public void Put(WriteBatch batch) => _database.PutNumber(batch, _key, Next);
}
