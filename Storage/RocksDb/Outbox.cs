using System.Buffers;
using System.Runtime.CompilerServices;
using RocksDbSharp;

namespace Tikr.Storage.RocksDb;

/// <summary>Bars waiting to be published, by partition and ascending id. An entry holds the bar as it was stored, so that a later revision does not change it.</summary>
internal sealed class Outbox(RocksDbDatabase database, BarCodec codec, SeriesCatalog catalog)
{
    private readonly ArrayBufferWriter<byte> _entry = new(256);

    /// <summary>Id of the next entry; under the gate of the bar table.</summary>
    public ulong Next { get; private set; } = database.GetNumber(MetaKeys.NextOutbox, 1);

    public void Put(WriteBatch batch, ColumnFamilyHandle family, int partition, in BarKey bar, ReadOnlySpan<byte> value)
    {
        Span<byte> key = stackalloc byte[OutboxKeys.Length];
        OutboxKeys.Write(key, partition, Next++);
        _entry.ResetWrittenCount();
        bar.Write(_entry.GetSpan(BarKey.Length));
        _entry.Advance(BarKey.Length);
        _entry.Write(value);
        batch.Put(key, _entry.WrittenSpan, family);
    }

    public void PutCounter(WriteBatch batch) => database.PutNumber(batch, MetaKeys.NextOutbox, Next);

    public async IAsyncEnumerable<OutboxEntry> ReadAsync(int partition, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        using var lease = new IteratorLease(database, Family.Outbox);
        var cursor = lease[0];
        var found = SeekTo(cursor, partition);
        while (found)
        {
            cancellation.ThrowIfCancellationRequested();
            var (stands, id) = OutboxKeys.Read(cursor.Key);
            if (stands != partition) yield break;
            var entry = Read(id, cursor.Value);
            found = cursor.Next();
            if (entry is null) continue;
            lease.Park();
            yield return entry;
            cursor.Resume();
            found = cursor.IsValid;
        }
    }

    public void Delete(int partition, IReadOnlyList<ulong> ids)
    {
        using var batch = new WriteBatch();
        Span<byte> key = stackalloc byte[OutboxKeys.Length];
        using (var usage = database.Use())
        {
            foreach (var id in ids)
            {
                OutboxKeys.Write(key, partition, id);
                batch.Delete(key, usage.Families.Outbox);
            }
        }

        if (ids.Count > 0) database.Write(batch, acknowledges: false);
    }

    /// <summary>Keys that entries still name.</summary>
    public HashSet<(ushort SeriesId, uint KeyId)> KeysInUse()
    {
        var keys = new HashSet<(ushort, uint)>();
        using var lease = new IteratorLease(database, Family.Outbox);
        var cursor = lease[0];
        for (var found = cursor.Seek([]); found; found = cursor.Next())
        {
            var bar = BarKey.Read(cursor.Value);
            keys.Add((bar.SeriesId, bar.KeyId));
        }

        return keys;
    }

    private static bool SeekTo(IteratorLease.Cursor cursor, int partition)
    {
        Span<byte> key = stackalloc byte[OutboxKeys.Length];
        OutboxKeys.Write(key, partition, 0);
        return cursor.Seek(key);
    }

    /// <summary>An entry of a series that is not configured now waits until it is again.</summary>
    private OutboxEntry? Read(ulong id, ReadOnlySpan<byte> value)
    {
        var key = BarKey.Read(value);
        return catalog.Find(key.SeriesId) is { } series
            ? new OutboxEntry(id, series, key.KeyId, codec.Read(value[BarKey.Length..], series, key.Bucket))
            : null;
    }
}
