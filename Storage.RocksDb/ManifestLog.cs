using System.Runtime.CompilerServices;
using RocksDbSharp;

namespace Tikr.Storage.RocksDb;

/// <summary>Manifests not retired yet, and what eviction needs to know of them.</summary>
internal sealed class ManifestLog
{
    private readonly RocksDbDatabase _database;
    private readonly Lock _gate = new();
    private readonly SortedDictionary<uint, Queue<(ulong Flush, long LeastBucket)>> _unretired = [];

    public ManifestLog(RocksDbDatabase database)
    {
        _database = database;
        using var lease = new IteratorLease(database, Family.Flushes);
        var cursor = lease[0];
        for (var found = cursor.Seek("M"u8); found && cursor.Key[0] == (byte)'M'; found = cursor.Next())
            Add(FlushKeys.ReadManifest(cursor.Key), ManifestCodec.ReadLeastBucket(cursor.Value));
    }

    /// <summary>Manifests not retired.</summary>
    public long Count
    {
        get
        {
            lock (_gate) return _unretired.Values.Sum(queue => (long)queue.Count);
        }
    }

    /// <summary>Least bucket start of all unretired pairs; <see cref="long.MaxValue"/> if there are none.</summary>
    public long LeastUnretiredBucket
    {
        get
        {
            lock (_gate) return _unretired.Values.SelectMany(queue => queue).Select(m => m.LeastBucket).DefaultIfEmpty(long.MaxValue).Min();
        }
    }

    /// <summary>Notes a manifest that has been written.</summary>
    public void Add(FlushId id, long leastBucket)
    {
        lock (_gate)
        {
            if (!_unretired.TryGetValue(id.Epoch, out var queue)) _unretired.Add(id.Epoch, queue = new());
            queue.Enqueue((id.Flush, leastBucket));
        }
    }

    public async IAsyncEnumerable<Manifest> ReadAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        using var lease = new IteratorLease(_database, Family.Flushes);
        var cursor = lease[0];
        var found = cursor.Seek("M"u8);
        while (found && cursor.Key[0] == (byte)'M')
        {
            cancellation.ThrowIfCancellationRequested();
            var manifest = ManifestCodec.Read(FlushKeys.ReadManifest(cursor.Key), cursor.Value);
            cursor.Next();
            lease.Park();
            yield return manifest;
            cursor.Resume();
            found = cursor.IsValid;
        }
    }

    /// <summary>Deletes the manifests of an epoch below a flush; returns whether there were any.</summary>
    public bool Retire(uint epoch, ulong belowFlush)
    {
        lock (_gate)
        {
            if (!_unretired.TryGetValue(epoch, out var queue) || queue.Count == 0 || queue.Peek().Flush >= belowFlush) return false;
            using var batch = new WriteBatch();
            Span<byte> key = stackalloc byte[FlushKeys.ManifestLength];
            using (var usage = _database.Use())
            {
                foreach (var (flush, _) in queue)
                {
                    if (flush >= belowFlush) break;
                    FlushKeys.Manifest(key, new FlushId(epoch, flush));
                    batch.Delete(key, usage.Families.Flushes);
                }
            }

            _database.Write(batch, acknowledges: false);
            while (queue.Count > 0 && queue.Peek().Flush < belowFlush) queue.Dequeue();
            if (queue.Count == 0) _unretired.Remove(epoch);
            return true;
        }
    }
}
