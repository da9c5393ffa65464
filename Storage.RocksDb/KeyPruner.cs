using System.Buffers.Binary;
using RocksDbSharp;
using Tikr.Core.Time;

namespace Tikr.Storage.RocksDb;

/// <summary>
/// Drops keys whose data is gone. A key that the process does not hold is marked idle; any later use goes through a resolve, which clears
/// the mark. So whatever a key marked for longer than the longest TTL still had when it was marked has expired since, and it can go,
/// unless a manifest, a bar or an outbox entry names it after all.
/// </summary>
internal sealed class KeyPruner(
    RocksDbDatabase database, KeyTable table, ManifestLog manifests, Outbox outbox, SeriesCatalog catalog, ResidentKeys? resident)
{
    private const int KeysPerBatch = 1000;
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(10);

    public async ValueTask<int> RunAsync(long nowNs, CancellationToken cancellation)
    {
        if (resident is null || !catalog.IsOpen) return 0;
        var idleSince = nowNs - KeepNs();
        HashSet<(ushort, uint)>? named = null;
        var pruned = 0;
        List<byte[]> marks = [], drops = [];
        using var lease = new IteratorLease(database, Family.Meta);
        var cursor = lease[0];
        var found = cursor.Seek("K"u8);
        while (found && cursor.Key[0] == (byte)'K')
        {
            cancellation.ThrowIfCancellationRequested();
            var seriesId = SeriesIdOf(cursor.Key);
            var keyId = KeyRecord.ReadKeyId(cursor.Value);
            var marked = KeyRecord.ReadIdleSince(cursor.Value);
            if (!resident.Contains(seriesId, keyId))
            {
                if (marked == 0) marks.Add(cursor.Key.ToArray());
                else if (marked < idleSince) drops.Add(cursor.Key.ToArray());
            }

            found = cursor.Next();
            if (found && marks.Count + drops.Count < KeysPerBatch) continue;
            lease.Park();
            if (drops.Count > 0) named ??= await NamedKeysAsync(cancellation).ConfigureAwait(false);
            pruned += Apply(marks, drops, nowNs, resident, named);
            if (!found) break;
            cursor.Resume();
            found = cursor.IsValid;
        }

        lease.Park();
        if (drops.Count > 0) named ??= await NamedKeysAsync(cancellation).ConfigureAwait(false);
        return pruned + Apply(marks, drops, nowNs, resident, named);
    }

    /// <summary>Longer than anything of a key lives: the longer TTL, ticks from the future, and a margin for the reaper's delay.</summary>
    private long KeepNs() =>
        Math.Max(database.Options.TicksTtl.ToNanoseconds(), database.Options.BarsTtl.ToNanoseconds())
            + catalog.MaxFutureNs + Margin.ToNanoseconds();

    private async ValueTask<HashSet<(ushort, uint)>> NamedKeysAsync(CancellationToken cancellation)
    {
        var named = outbox.KeysInUse();
        await foreach (var manifest in manifests.ReadAsync(manifests.Epochs, cancellation).ConfigureAwait(false))
        {
            foreach (var section in manifest.Sections)
            {
                foreach (var pair in section.Pairs) named.Add((section.SeriesId, pair.KeyId));
            }
        }

        return named;
    }

    private int Apply(List<byte[]> marks, List<byte[]> drops, long nowNs, ResidentKeys resident, HashSet<(ushort, uint)>? named)
    {
        if (marks.Count + drops.Count == 0) return 0;
        var dropped = 0;
        table.Exclusively(counters =>
        {
            using var batch = new WriteBatch();
            var gone = new Dictionary<ushort, long>();
            using (var usage = database.Use())
            {
                foreach (var key in marks.Concat(drops))
                {
                    if (database.Get(Family.Meta, key) is not { } value) continue;
                    var (seriesId, record) = (SeriesIdOf(key), KeyRecord.Read(value));
                    if (resident.Contains(seriesId, record.KeyId)) continue;
                    if (record.IdleSinceNs == 0)
                    {
                        batch.Put(key, KeyRecord.WithIdleSince(value, nowNs), usage.Families.Meta);
                    }
                    else if (record.IdleSinceNs < nowNs - KeepNs()
                        && !named!.Contains((seriesId, record.KeyId)) && !HasBars(seriesId, record.KeyId))
                    {
                        batch.Delete(key, usage.Families.Meta);
                        batch.Delete(DimensionIndex.Prefix(seriesId, record.Values), usage.Families.Meta);
                        KeyNumbers.Delete(batch, usage.Families.Meta, seriesId, record.KeyId);
                        gone[seriesId] = gone.GetValueOrDefault(seriesId) + 1;
                        dropped++;
                    }
                }

                foreach (var (seriesId, count) in gone)
                    KeyCounters.Put(batch, usage.Families.Meta, seriesId, counters.Of(seriesId).Next, counters.Of(seriesId).Count - count);
            }

            database.Write(batch, acknowledges: false);
            foreach (var (seriesId, count) in gone) counters.Set(seriesId, counters.Of(seriesId).Next, counters.Of(seriesId).Count - count);
        });
        marks.Clear();
        drops.Clear();
        return dropped;
    }

    /// <summary>
    /// Bars of any granularity that the series was ever configured with now; others expire by themselves within the same time.
    /// </summary>
    private bool HasBars(ushort seriesId, uint keyId)
    {
        if (catalog.Find(seriesId) is not { } series) return false;
        var first = new BarKey(seriesId, series.Model.Spec.RollupNs, keyId, 0);
        using var lease = new IteratorLease(database, Family.Bars);
        return lease[0].Seek(first.ToArray()) && BarKey.Read(lease[0].Key).SameGroup(first);
    }

    private static ushort SeriesIdOf(ReadOnlySpan<byte> key) => BinaryPrimitives.ReadUInt16BigEndian(key[1..]);
}
