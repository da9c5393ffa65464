using System.Buffers;
using System.Runtime.CompilerServices;
using RocksDbSharp;

namespace Tikr.Storage.RocksDb;

/// <summary>Manifests not retired yet, and what eviction needs to know of them.</summary>
internal sealed class ManifestLog
{
    private readonly RocksDbDatabase _database;
    private readonly SeriesCatalog _catalog;
    private readonly Lock _gate = new();
    private readonly ArrayBufferWriter<byte> _value = new();

    // By epoch, in the order of flushes.
    private readonly SortedDictionary<uint, List<Unretired>> _unretired = [];

    public ManifestLog(RocksDbDatabase database, SeriesCatalog catalog)
    {
        (_database, _catalog) = (database, catalog);
        using var lease = new IteratorLease(database, Family.Flushes);
        var cursor = lease[0];
        for (var found = cursor.Seek("M"u8); found && cursor.Key[0] == (byte)'M'; found = cursor.Next())
        {
            var id = FlushKeys.ReadManifest(cursor.Key);
            Add(id, ManifestCodec.Read(id, cursor.Value).Sections);
        }
    }

    /// <summary>Manifests not retired.</summary>
    public long Count
    {
        get
        {
            lock (_gate) return _unretired.Values.Sum(flushes => (long)flushes.Count);
        }
    }

    /// <summary>Epochs that have some.</summary>
    public uint[] Epochs
    {
        get
        {
            lock (_gate) return [.. _unretired.Keys];
        }
    }

    /// <summary>Configured series with unretired pairs: what eviction must keep. While it is not known which are configured, all.</summary>
    public UncoveredSeries Uncovered
    {
        get
        {
            lock (_gate)
            {
                return new UncoveredSeries(_unretired.Values.SelectMany(flushes => flushes).SelectMany(flush => flush.Sections)
                    .Where(section => _catalog.IsConfigured(section.SeriesId)).GroupBy(section => section.SeriesId)
                    .Select(series => (_catalog.NameOf(series.Key), series.Min(section => section.LeastBucket))));
            }
        }
    }

    /// <summary>Notes a manifest that has been written.</summary>
    public void Add(FlushId id, IReadOnlyList<ManifestSection> sections)
    {
        lock (_gate)
        {
            if (!_unretired.TryGetValue(id.Epoch, out var flushes)) _unretired.Add(id.Epoch, flushes = []);
            flushes.Add(new Unretired(id, sections));
        }
    }

    public async IAsyncEnumerable<Manifest> ReadAsync(
        IReadOnlyCollection<uint> epochs, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        using var lease = new IteratorLease(_database, Family.Flushes);
        var cursor = lease[0];
        foreach (var epoch in epochs.Order())
        {
            var found = Seek(cursor, epoch);
            while (found && IsOf(epoch, cursor.Key))
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
    }

    private static bool Seek(IteratorLease.Cursor cursor, uint epoch)
    {
        Span<byte> key = stackalloc byte[FlushKeys.ManifestLength];
        FlushKeys.Manifest(key, new FlushId(epoch, 0));
        return cursor.Seek(key);
    }

    private static bool IsOf(uint epoch, ReadOnlySpan<byte> key) => key[0] == (byte)'M' && FlushKeys.ReadManifest(key).Epoch == epoch;

    /// <summary>
    /// Deletes the manifests of an epoch below a flush, but for pairs of series that are not configured; returns whether it changed any.
    /// </summary>
    public bool Retire(uint epoch, ulong belowFlush)
    {
        lock (_gate)
        {
            if (!_unretired.TryGetValue(epoch, out var flushes)) return false;
            List<(Unretired Flush, List<ManifestSection> Kept)> changes = [];
            foreach (var flush in flushes)
            {
                if (flush.Id.Flush >= belowFlush) break;
                var unconfigured = flush.Sections.Count(section => !_catalog.IsConfigured(section.SeriesId));
                if (unconfigured == 0) changes.Add((flush, []));
                else if (unconfigured < flush.Sections.Length)
                    changes.Add((flush, Stored(flush.Id)?.OfUnconfigured(_catalog.IsConfigured) ?? []));
            }

            if (changes.Count == 0) return false;
            using var batch = new WriteBatch();
            Put(batch, changes);
            _database.Write(batch, acknowledges: false);
            Take(changes);
            return true;
        }
    }

    /// <summary>Drops the pairs that lie wholly below a cut, of every series, with the batch that deletes their ticks.</summary>
    /// <param name="cutNs">Where ticks begin that are kept.</param>
    /// <param name="batch">The batch that deletes the others.</param>
    /// <param name="write">Writes the batch.</param>
    /// <returns>How many pairs were given up with their ticks.</returns>
    public int DropBelow(long cutNs, WriteBatch batch, Action write)
    {
        lock (_gate)
        {
            var dropped = 0;
            List<(Unretired Flush, List<ManifestSection> Kept)> changes = [];
            foreach (var flush in _unretired.Values.SelectMany(flushes => flushes))
            {
                if (!flush.Sections.Any(section => section.LeastBucket < cutNs) || Stored(flush.Id) is not { } manifest) continue;
                var kept = manifest.EndingAfter(cutNs, out var pairs);
                if (pairs > 0) changes.Add((flush, kept));
                dropped += pairs;
            }

            Put(batch, changes);
            write();
            Take(changes);
            return dropped;
        }
    }

    private Manifest? Stored(FlushId id)
    {
        Span<byte> key = stackalloc byte[FlushKeys.ManifestLength];
        FlushKeys.Manifest(key, id);
        return _database.Get(Family.Flushes, key) is { } value ? ManifestCodec.Read(id, value) : null;
    }

    private void Put(WriteBatch batch, List<(Unretired Flush, List<ManifestSection> Kept)> changes)
    {
        Span<byte> key = stackalloc byte[FlushKeys.ManifestLength];
        using var usage = _database.Use();
        foreach (var (flush, kept) in changes)
        {
            FlushKeys.Manifest(key, flush.Id);
            _value.ResetWrittenCount();
            if (kept.Count == 0)
            {
                batch.Delete(key, usage.Families.Flushes);
                continue;
            }

            ManifestCodec.Write(_value, kept);
            batch.Put(key, _value.WrittenSpan, usage.Families.Flushes);
        }
    }

    /// <summary>Takes over what has been written.</summary>
    private void Take(List<(Unretired Flush, List<ManifestSection> Kept)> changes)
    {
        foreach (var epoch in changes.GroupBy(change => change.Flush.Id.Epoch))
        {
            var kept = epoch.ToDictionary(change => change.Flush.Id.Flush, change => change.Kept);
            var flushes = _unretired[epoch.Key];
            for (var i = 0; i < flushes.Count; i++)
            {
                if (kept.TryGetValue(flushes[i].Id.Flush, out var sections)) flushes[i] = new Unretired(flushes[i].Id, sections);
            }

            flushes.RemoveAll(flush => kept.TryGetValue(flush.Id.Flush, out var sections) && sections.Count == 0);
            if (flushes.Count == 0) _unretired.Remove(epoch.Key);
        }
    }

    /// <summary>A manifest, with the least bucket of each series that it names.</summary>
    private sealed class Unretired(FlushId id, IReadOnlyList<ManifestSection> sections)
    {
        public FlushId Id => id;

        public (ushort SeriesId, long LeastBucket)[] Sections { get; } =
            [.. sections.Select(section => (section.SeriesId, section.LeastBucket))];
    }
}
