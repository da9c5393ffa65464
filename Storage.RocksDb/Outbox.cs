using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using RocksDbSharp;

namespace Tikr.Storage.RocksDb;

/// <summary>
/// Bars and late ticks waiting to be published, by partition and ascending id. An entry holds the bar as it was stored, so that a later
/// revision does not change it. The process is alone with its store: every lease is granted.
/// </summary>
internal sealed class Outbox(RocksDbDatabase database, BarCodec codec, SeriesCatalog catalog, BarRetention retention) : IOutbox
{
    /// <summary>What an entry of late ticks begins with: key number and time.</summary>
    private const int RoutedHeader = 12;

    private const int EntriesPerStep = 128;

    private readonly ArrayBufferWriter<byte> _entry = new(256);
    private readonly OutboxCounts _counts = new(database);

    /// <summary>Ids of bars; under the gate of the bar table.</summary>
    public OutboxIds BarIds { get; } = new(database, MetaKeys.NextOutbox);

    /// <summary>Ids of late ticks; under the gate of the tick log.</summary>
    public OutboxIds LateIds { get; } = new(database, MetaKeys.NextRouted);

    /// <inheritdoc/>
    public long ExpiredBeforeNs => retention.Cutoff;

    /// <inheritdoc/>
    public bool IsShared => false;

    /// <summary>Adds a bar; under the gate of the bar table.</summary>
    public ulong Put(WriteBatch batch, ColumnFamilyHandle family, int partition,
        in BarKey bar, ReadOnlySpan<byte> value, List<(int, OutboxSize)> changes)
    {
        _entry.ResetWrittenCount();
        bar.Write(_entry.GetSpan(BarKey.Length));
        _entry.Advance(BarKey.Length);
        _entry.Write(value);
        return Put(batch, family, partition, BarIds.Take(), _entry.WrittenSpan, changes);
    }

    /// <summary>Adds late ticks; under the gate of the tick log.</summary>
    public void Put(WriteBatch batch, ColumnFamilyHandle family, in RoutedRecord ticks,
        ReadOnlySpan<byte> request, List<(int, OutboxSize)> changes)
    {
        var value = new byte[RoutedHeader + request.Length];
        BinaryPrimitives.WriteUInt32BigEndian(value, ticks.KeyId);
        BinaryPrimitives.WriteInt64BigEndian(value.AsSpan(4), ticks.TimeNs);
        request.CopyTo(value.AsSpan(RoutedHeader));
        Put(batch, family, ticks.Partition, LateIds.Take(), value, changes);
    }

    /// <summary>Writes a batch with entries, keeping the counts.</summary>
    public void Write(WriteBatch batch, bool acknowledges, List<(int, OutboxSize)> changes)
    {
        if (changes.Count == 0) database.Write(batch, acknowledges);
        else _counts.Changing(changes, () => database.Write(batch, acknowledges));
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<OutboxEntry> ReadAsync(
        int partition, ulong afterId, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        using var lease = new IteratorLease(database, Family.Outbox);
        var some = new List<OutboxEntry>(EntriesPerStep);
        var found = SeekTo(lease[0], partition, afterId + 1);
        while (found)
        {
            cancellation.ThrowIfCancellationRequested();
            some.Clear();
            found = ReadSome(lease[0], partition, some);
            lease.Park();
            foreach (var entry in some) yield return entry;
            if (!found) yield break;
            lease[0].Resume();
            found = lease[0].IsValid;
        }
    }

    /// <inheritdoc/>
    public ValueTask DeleteAsync(int partition, IReadOnlyList<ulong> ids, CancellationToken cancellation)
    {
        if (ids.Count == 0) return ValueTask.CompletedTask;
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

        Write(batch, acknowledges: false, [(partition, new OutboxSize(-ids.Count, 0))]);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<OutboxSize> MeasureAsync(int partition, CancellationToken cancellation) => ValueTask.FromResult(_counts.Of(partition));

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<int>> ListPartitionsAsync(CancellationToken cancellation) => ValueTask.FromResult(_counts.Partitions);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<int>> HoldAsync(
        string owner, IReadOnlyList<int>? wanted, TimeSpan lease, CancellationToken cancellation) =>
        ValueTask.FromResult(wanted ?? []);

    /// <summary>Keys that entries still name.</summary>
    public HashSet<(ushort SeriesId, uint KeyId)> KeysInUse()
    {
        var keys = new HashSet<(ushort, uint)>();
        using var lease = new IteratorLease(database, Family.Outbox);
        var cursor = lease[0];
        for (var found = cursor.Seek([]); found; found = cursor.Next())
        {
            var partition = OutboxKeys.Read(cursor.Key).Partition;
            if (OutboxPartitions.IsLate(partition))
            {
                keys.Add((OutboxPartitions.SeriesOf(partition), BinaryPrimitives.ReadUInt32BigEndian(cursor.Value)));
                continue;
            }

            var bar = BarKey.Read(cursor.Value);
            keys.Add((bar.SeriesId, bar.KeyId));
        }

        return keys;
    }

    private static ulong Put(
        WriteBatch batch, ColumnFamilyHandle family, int partition, ulong id, ReadOnlySpan<byte> value, List<(int, OutboxSize)> changes)
    {
        Span<byte> key = stackalloc byte[OutboxKeys.Length];
        OutboxKeys.Write(key, partition, id);
        batch.Put(key, value, family);
        changes.Add((partition, new OutboxSize(1, key.Length + value.Length)));
        return id;
    }

    private static bool SeekTo(IteratorLease.Cursor cursor, int partition, ulong id)
    {
        Span<byte> key = stackalloc byte[OutboxKeys.Length];
        OutboxKeys.Write(key, partition, id);
        return cursor.Seek(key);
    }

    /// <summary>Reads some entries on; false when the last one has been read.</summary>
    private bool ReadSome(IteratorLease.Cursor cursor, int partition, List<OutboxEntry> into)
    {
        for (var found = true; found; found = cursor.Next())
        {
            var (stands, id) = OutboxKeys.Read(cursor.Key);
            if (stands != partition) return false;
            if (into.Count == EntriesPerStep) return true;
            if (Read(partition, id, cursor.Value) is { } entry) into.Add(entry);
        }

        return false;
    }

    /// <summary>An entry of a series that is not configured now waits until it is again.</summary>
    private OutboxEntry? Read(int partition, ulong id, ReadOnlySpan<byte> value)
    {
        if (OutboxPartitions.IsLate(partition))
        {
            if (catalog.Find(OutboxPartitions.SeriesOf(partition)) is not { } routed) return null;
            var ticks = new RoutedTicks(BinaryPrimitives.ReadInt64BigEndian(value[4..]), value[RoutedHeader..].ToArray());
            return new OutboxEntry(id, routed, BinaryPrimitives.ReadUInt32BigEndian(value), null) { Routed = ticks };
        }

        var key = BarKey.Read(value);
        return catalog.Find(key.SeriesId) is { } series
            ? new OutboxEntry(id, series, key.KeyId, codec.Read(value[BarKey.Length..], series, key.Bucket))
            : null;
    }
}
