using System.Buffers.Binary;
using RocksDbSharp;
using Tikr.Core.Ticks;

namespace Tikr.Benchmarks.Micro;

/// <summary>
/// The plain alternative to blocks: a RocksDB with a row per tick, keyed by (key, time, sequence), in batches of a flush.
/// </summary>
internal sealed class RowStore : IDisposable
{
    private const int KeyLength = 20, ValueLength = 16;
    private const ulong WriteBufferBytes = 8 << 20;

    private readonly RocksDb _database;
    private uint _writes;

    // A small write buffer keeps inserting cheap: the baseline at its best, whenever it is measured.
    public RowStore(string folder) =>
        _database = RocksDb.Open(new DbOptions().SetCreateIfMissing(true).SetWriteBufferSize(WriteBufferBytes), folder);

    public void Dispose() => _database.Dispose();

    public int Write(TickColumns columns, KeyRun[] runs)
    {
        _writes++;
        using var batch = new WriteBatch();
        Span<byte> key = stackalloc byte[KeyLength];
        Span<byte> value = stackalloc byte[ValueLength];
        var ticks = 0;
        foreach (var run in runs)
        {
            BinaryPrimitives.WriteUInt32BigEndian(key, run.KeyId);
            for (var i = run.Start; i < run.Start + run.Count; i++, ticks++)
            {
                BinaryPrimitives.WriteInt64BigEndian(key[4..], columns.Times[i]);
                BinaryPrimitives.WriteUInt32BigEndian(key[12..], columns.Sequences[i]);
                BinaryPrimitives.WriteUInt32BigEndian(key[16..], _writes);
                BinaryPrimitives.WriteInt64LittleEndian(value, columns.Fields[0][i]);
                BinaryPrimitives.WriteInt64LittleEndian(value[8..], columns.Fields[1][i]);
                batch.Put(key, value);
            }
        }

        _database.Write(batch);
        return ticks;
    }

    public int Read(uint keyId, int ticks)
    {
        Span<byte> prefix = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(prefix, keyId);
        var (read, sum) = (0, 0L);
        using var iterator = _database.NewIterator();
        for (iterator.Seek(prefix.ToArray()); read < ticks && iterator.Valid(); iterator.Next())
        {
            var key = iterator.GetKeySpan();
            var value = iterator.GetValueSpan();
            if (!key.StartsWith(prefix)) break;
            sum += BinaryPrimitives.ReadInt64BigEndian(key[4..]) + BinaryPrimitives.ReadUInt32BigEndian(key[12..]);
            sum += BinaryPrimitives.ReadInt64LittleEndian(value) + BinaryPrimitives.ReadInt64LittleEndian(value[8..]);
            read++;
        }

        return sum == 0 ? 0 : read;
    }
}
