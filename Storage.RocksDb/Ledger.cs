using System.Buffers.Binary;
using RocksDbSharp;

namespace Tikr.Storage.RocksDb;

/// <summary>Per epoch the last committed flush. Flushes of an epoch come in order, so one number says which are committed.</summary>
internal sealed class Ledger
{
    private readonly Dictionary<uint, ulong> _lastFlush = [];
    private volatile Box _committed = new([]);

    public Ledger(RocksDbDatabase database)
    {
        using var lease = new IteratorLease(database, Family.Flushes);
        var cursor = lease[0];
        for (var found = cursor.Seek("L"u8); found && cursor.Key[0] == (byte)'L'; found = cursor.Next())
            Set(new FlushId(FlushKeys.ReadLedger(cursor.Key), BinaryPrimitives.ReadUInt64BigEndian(cursor.Value)));
    }

    /// <summary>The last commit of each epoch.</summary>
    public FlushVector Committed => _committed.Flushes;

    public bool Holds(FlushId id) => _lastFlush.TryGetValue(id.Epoch, out var last) && id.Flush <= last;

    public static void Put(WriteBatch batch, ColumnFamilyHandle flushes, FlushId id)
    {
        Span<byte> key = stackalloc byte[FlushKeys.LedgerLength];
        Span<byte> value = stackalloc byte[8];
        FlushKeys.Ledger(key, id.Epoch);
        BinaryPrimitives.WriteUInt64BigEndian(value, id.Flush);
        batch.Put(key, value, flushes);
    }

    /// <summary>Takes over what has been written.</summary>
    public void Set(FlushId id)
    {
        _lastFlush[id.Epoch] = id.Flush;
        _committed = new Box(_committed.Flushes.With(id));
    }

    /// <summary>Lets readers on other threads see all numbers at once.</summary>
    private sealed record Box(FlushVector Flushes);
}
