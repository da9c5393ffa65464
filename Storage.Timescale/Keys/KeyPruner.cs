using Npgsql;
using Tikr.Core.Time;
using Tikr.Storage.Timescale.Catalog;
using Tikr.Storage.Timescale.Incarnations;
using Tikr.Storage.Timescale.Ticks;

namespace Tikr.Storage.Timescale.Keys;

/// <summary>
/// Drops keys whose data is gone. The process that has the lease marks those idle that it does not hold; resolving a key clears its mark,
/// and so does every other process that holds it, at each of its rounds. Each tells up to which mark it has looked: only marks that all
/// living ones have seen count. What a key marked for longer than the longest TTL still had when it was marked has expired since, and it
/// can go, unless a manifest, a bar or an outbox entry names it after all.
/// </summary>
internal sealed class KeyPruner(
    TimescaleDatabase database, IncarnationGuard guard, SeriesRegistry registry, ManifestLog manifests, ResidentKeys? resident)
{
    private const int PageKeys = 10_000;
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(10);

    public async Task<int> RunAsync(long nowNs, CancellationToken cancellation)
    {
        if (resident is null) return 0;
        var idleSince = nowNs - Math.Max(
            database.Options.TicksTtl.ToNanoseconds(),
                database.Options.BarsTtl.ToNanoseconds()) - registry.MaxFutureNs - Margin.ToNanoseconds();
        HashSet<(ushort, uint)>? named = null;
        var (dropped, marks) = (0, 0);
        foreach (var series in registry.All)
        {
            List<long> drops = [];
            await foreach (var round in RoundsAsync(series, resident, idleSince, cancellation).ConfigureAwait(false))
            {
                // Each page has a mark of its own: whoever has seen one has not seen those that follow.
                await MarkAsync(series, round, nowNs + marks++, cancellation).ConfigureAwait(false);
                drops.AddRange(round.Drops);
            }

            if (drops.Count == 0) continue;
            named ??= await NamedKeysAsync(cancellation).ConfigureAwait(false);
            var seriesId = series.Series.Id;
            drops.RemoveAll(key => named.Contains((seriesId, (uint)key)) || resident.Contains(seriesId, (uint)key));
            if (drops.Count > 0) dropped += await DropAsync(series, [.. drops], idleSince, cancellation).ConfigureAwait(false);
        }

        return dropped;
    }

    /// <summary>Clears the marks of keys that this process holds, and tells that it has looked.</summary>
    public async Task ReportAsync(CancellationToken cancellation)
    {
        var seen = 0L;
        foreach (var series in registry.All)
        {
            var marked = await database.WriteAsync("look for idle keys", (connection, stop) => connection.Command(
                $"SELECT key_id, idle_since FROM {series.Keys.Table} WHERE idle_since <> 0")
                .ListAsync(r => (Key: r.GetInt64(0), Mark: r.GetInt64(1)), stop), cancellation).ConfigureAwait(false);
            if (marked.Count == 0) continue;
            seen = Math.Max(seen, marked.Max(key => key.Mark));
            long[] held = [.. marked.Where(key => resident?.Contains(series.Series.Id, (uint)key.Key) == true).Select(key => key.Key)];
            await MarkAsync(series, (Clears: held, Marks: [], Drops: []), nowNs: 0, cancellation).ConfigureAwait(false);
        }

        var self = await guard.SelfAsync(cancellation).ConfigureAwait(false);
        await guard.WriteAsync("tell that it has looked for idle keys", (connection, stop) => connection.Command(
            $"UPDATE {database.Schema}.incarnations SET marks_seen = greatest(marks_seen, $2) WHERE id = $1")
            .With(self.Id).With(seen).RunAsync(stop), cancellation).ConfigureAwait(false);
    }

    private async IAsyncEnumerable<(long[] Clears, long[] Marks, long[] Drops)> RoundsAsync(
        TimescaleSeries series, ResidentKeys resident, long idleSince,
            [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        var last = 0L;
        List<(long Key, long Idle, bool Used)> page;
        do
        {
            page = await database.WriteAsync("look for idle keys", (connection, stop) => connection.Command(
                $"SELECT key_id, idle_since FROM {series.Keys.Table} WHERE key_id > $1 ORDER BY key_id LIMIT {PageKeys}").With(last)
                .ListAsync(r => (r.GetInt64(0), r.GetInt64(1), resident.Contains(series.Series.Id, (uint)r.GetInt64(0))),
                    stop), cancellation)
                    .ConfigureAwait(false);
            if (page.Count == 0) yield break;
            last = page[^1].Key;
            yield return (Clears: [.. page.Where(k => k.Used && k.Idle != 0).Select(k => k.Key)],
                Marks: [.. page.Where(k => !k.Used && k.Idle == 0).Select(k => k.Key)],
                Drops: [.. page.Where(k => !k.Used && k.Idle != 0 && k.Idle < idleSince).Select(k => k.Key)]);
        }
        while (page.Count == PageKeys);
    }

    private Task<bool> MarkAsync(
        TimescaleSeries series, (long[] Clears, long[] Marks, long[] Drops) round, long nowNs, CancellationToken cancellation)
    {
        if (round.Clears.Length + round.Marks.Length == 0) return Task.FromResult(false);
        return guard.WriteAsync("mark idle keys", async (connection, stop) =>
        {
            var batch = new NpgsqlBatch(connection);
            await using var batchEnd = batch.ConfigureAwait(false);
            batch.Add($"UPDATE {series.Keys.Table} SET idle_since = 0 WHERE key_id = ANY ($1)").With(round.Clears);
            batch.Add($"UPDATE {series.Keys.Table} SET idle_since = $2 WHERE key_id = ANY ($1) AND idle_since = 0")
                .With(round.Marks).With(nowNs);
            await batch.ExecuteNonQueryAsync(stop).ConfigureAwait(false);
            return true;
        }, cancellation);
    }

    /// <summary>A mark that a resolve has cleared in the meantime keeps its key.</summary>
    private Task<int> DropAsync(TimescaleSeries series, long[] keys, long idleSince, CancellationToken cancellation) =>
        guard.WriteAsync("drop idle keys", async (connection, stop) =>
    {
        var id = (int)series.Series.Id;
        await connection.Command($"SELECT FROM {database.Schema}.series WHERE id = $1 FOR UPDATE")
            .With(id).RunAsync(stop).ConfigureAwait(false);
        var count = await connection.Command($"""
            DELETE FROM {series.Keys.Table} AS k WHERE key_id = ANY ($1) AND idle_since BETWEEN 1 AND least($2, (
                    SELECT min(marks_seen) FROM {database.Schema}.incarnations WHERE NOT sealed AND silo <> ''))
                AND NOT EXISTS (SELECT FROM {series.Bars.Table} AS b WHERE b.key_id = k.key_id)
                AND NOT EXISTS (SELECT FROM {database.Schema}.outbox AS o WHERE o.series_id = $3 AND o.key_id = k.key_id)
            """).With(keys).With(idleSince).With(id).RunAsync(stop).ConfigureAwait(false);
        await connection.Command($"UPDATE {database.Schema}.series SET key_count = key_count - $2 WHERE id = $1")
            .With(id).With((long)count).RunAsync(stop).ConfigureAwait(false);
        return count;
    }, cancellation);

    private async Task<HashSet<(ushort, uint)>> NamedKeysAsync(CancellationToken cancellation)
    {
        HashSet<(ushort, uint)> named = [];
        await foreach (var manifest in manifests.ReadAllAsync(cancellation).ConfigureAwait(false))
        {
            foreach (var section in manifest.Sections)
            {
                foreach (var pair in section.Pairs) named.Add((section.SeriesId, pair.KeyId));
            }
        }

        return named;
    }
}
