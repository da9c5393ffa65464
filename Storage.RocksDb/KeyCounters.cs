using System.Buffers.Binary;
using RocksDbSharp;

namespace Tikr.Storage.RocksDb;

/// <summary>Per series the next key number and how many keys there are; written in the same batch as the keys themselves.</summary>
internal sealed class KeyCounters(RocksDbDatabase database)
{
    private readonly Dictionary<ushort, (uint Next, long Count)> _counters = [];

    /// <summary>Keys of all series seen so far.</summary>
    public long Total => _counters.Values.Sum(c => c.Count);

    public (uint Next, long Count) Of(ushort seriesId)
    {
        if (_counters.TryGetValue(seriesId, out var counter)) return counter;
        var stored = database.Get(Family.Meta, MetaKeys.KeyCounters(seriesId));
        return _counters[seriesId] = stored is null
            ? (1, 0)
            : (BinaryPrimitives.ReadUInt32BigEndian(stored), BinaryPrimitives.ReadInt64BigEndian(stored.AsSpan(4)));
    }

    public static void Put(WriteBatch batch, ColumnFamilyHandle meta, ushort seriesId, uint next, long count)
    {
        Span<byte> value = stackalloc byte[12];
        BinaryPrimitives.WriteUInt32BigEndian(value, next);
        BinaryPrimitives.WriteInt64BigEndian(value[4..], count);
        batch.Put(MetaKeys.KeyCounters(seriesId), value, meta);
    }

    /// <summary>Takes over what has been written.</summary>
    public void Set(ushort seriesId, uint next, long count) => _counters[seriesId] = (next, count);
}
