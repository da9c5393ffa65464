using System.Buffers;
using System.Runtime.CompilerServices;
using RocksDbSharp;
using Tikr.Core.Dimensions;
using Tikr.Core.Ingest;
using Tikr.Core.Rollup;

namespace Tikr.Storage.RocksDb;

/// <summary>Keys by dimension hash, and an index of them by dimension values.</summary>
internal sealed class KeyTable(RocksDbDatabase database) : IKeyStore
{
    private readonly Lock _gate = new();
    private readonly KeyCounters _counters = new(database);

    /// <summary>Keys of all series in use.</summary>
    public long Count
    {
        get
        {
            lock (_gate) return _counters.Total;
        }
    }

    /// <inheritdoc/>
    public ValueTask ResolveAsync(Series series, IReadOnlyList<InternedKey> keys, CancellationToken cancellation)
    {
        lock (_gate) Resolve(series, keys);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<StoredKey> ListAsync(
        Series series, string?[] match, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        var prefix = DimensionIndex.Prefix(series.Id, match);
        using var lease = new IteratorLease(database, Family.Meta);
        var cursor = lease[0];
        var found = cursor.Seek(prefix);
        while (found && cursor.Key.StartsWith(prefix))
        {
            cancellation.ThrowIfCancellationRequested();
            var dimensions = DimensionIndex.Read(cursor.Key, series.Model.Spec);
            var key = new StoredKey(KeyRecord.ReadKeyId(cursor.Value), dimensions);
            found = cursor.Next();
            if (!Matches(dimensions, match)) continue;
            lease.Park();
            yield return key;
            cursor.Resume();
            found = cursor.IsValid;
        }
    }

    /// <inheritdoc/>
    public ValueTask<StoredKey?> FindAsync(Series series, DimensionSet dimensions, CancellationToken cancellation)
    {
        Span<byte> name = stackalloc byte[MetaKeys.KeyByHashLength];
        MetaKeys.KeyByHash(name, series.Id, dimensions.Hash);
        var stored = database.Get(Family.Meta, name);
        if (stored is null) return ValueTask.FromResult<StoredKey?>(null);
        var record = KeyRecord.Read(stored);
        var same = record.Values.AsSpan().SequenceEqual(dimensions.Values);
        return ValueTask.FromResult(same ? new StoredKey(record.KeyId, dimensions) : null);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<StoredKey>> FindByIdAsync(
        Series series, IReadOnlyCollection<uint> keyIds, CancellationToken cancellation)
    {
        List<StoredKey> found = new(keyIds.Count);
        foreach (var keyId in keyIds)
        {
            if (KeyNumbers.Find(database, series.Id, keyId) is { } record)
                found.Add(new StoredKey(keyId, new DimensionSet(series.Model.Spec, record.Values)));
        }

        return ValueTask.FromResult<IReadOnlyList<StoredKey>>(found);
    }

    /// <summary>Runs a change of the table that must not meet a resolve.</summary>
    public void Exclusively(Action<KeyCounters> change)
    {
        lock (_gate) change(_counters);
    }

    private void Resolve(Series series, IReadOnlyList<InternedKey> keys)
    {
        var (next, count) = _counters.Of(series.Id);
        var limit = series.Model.Spec.MaxKeys;
        var fresh = new Dictionary<UInt128, (DimensionSet Dimensions, uint Id)>();
        List<(InternedKey Key, uint Id)> resolved = [];
        List<(InternedKey Key, string Reason)> refused = [];
        using var batch = new WriteBatch();
        Span<byte> name = stackalloc byte[MetaKeys.KeyByHashLength];
        using (var usage = database.Use())
        {
            var meta = usage.Families.Meta;
            foreach (var key in keys)
            {
                if (key.IsResolved) continue;
                if (fresh.TryGetValue(key.Dimensions.Hash, out var twin))
                {
                    Settle(key, twin.Dimensions.Equals(key.Dimensions) ? twin.Id : null);
                    continue;
                }

                MetaKeys.KeyByHash(name, series.Id, key.Dimensions.Hash);
                if (database.Get(Family.Meta, name) is { } stored)
                {
                    var record = KeyRecord.Read(stored);
                    Settle(key, record.Values.AsSpan().SequenceEqual(key.Dimensions.Values) ? record.KeyId : null);
                    if (record.IdleSinceNs != 0) batch.Put(name, KeyRecord.WithIdleSince(stored, 0), meta);
                }
                else if (limit > 0 && count >= limit)
                {
                    refused.Add((key, RejectionReasons.CardinalityLimit));
                }
                else
                {
                    Put(batch, meta, series.Id, name, new KeyRecord(next, 0, key.Dimensions.Values));
                    KeyNumbers.Put(batch, meta, series.Id, next, key.Dimensions.Hash);
                    fresh.Add(key.Dimensions.Hash, (key.Dimensions, next));
                    resolved.Add((key, next++));
                    count++;
                }
            }

            if (fresh.Count > 0) KeyCounters.Put(batch, meta, series.Id, next, count);
        }

        if (batch.Count() > 0) database.Write(batch, acknowledges: true);
        _counters.Set(series.Id, next, count);
        foreach (var (key, id) in resolved) key.Resolve(id);
        foreach (var (key, reason) in refused) key.Reject(reason);

        void Settle(InternedKey key, uint? id)
        {
            if (id is { } known) resolved.Add((key, known));
            else refused.Add((key, RejectionReasons.DimensionHashCollision));
        }
    }

    private static void Put(WriteBatch batch, ColumnFamilyHandle meta, ushort seriesId, ReadOnlySpan<byte> name, KeyRecord record)
    {
        var value = new ArrayBufferWriter<byte>(64);
        record.Write(value);
        batch.Put(name, value.WrittenSpan, meta);
        batch.Put(DimensionIndex.Prefix(seriesId, record.Values), value.WrittenSpan[..4], meta);
    }

    private static bool Matches(DimensionSet dimensions, string?[] match)
    {
        for (var i = 0; i < match.Length; i++)
        {
            if (match[i] is { } wanted && dimensions.Values[i] != wanted) return false;
        }

        return true;
    }
}
