using System.Buffers;
using System.Runtime.CompilerServices;
using Npgsql;
using Tikr.Core.Time;
using Tikr.Storage.Timescale.Catalog;
using Tikr.Storage.Timescale.Incarnations;

namespace Tikr.Storage.Timescale.Ticks;

/// <summary>Manifests that are not retired.</summary>
internal sealed class ManifestLog(TimescaleDatabase database, IncarnationGuard guard, SeriesRegistry registry)
{
    private const int PageRows = 64;

    private string Page { get; } =
        $"SELECT epoch, flush, pairs FROM {database.Schema}.manifests WHERE "
            + $"epoch = $1 AND flush > $2 ORDER BY flush LIMIT {PageRows}";

    private string Below { get; } =
        $"SELECT epoch, flush, pairs FROM {database.Schema}.manifests WHERE $1 > ANY (pair_least) ORDER BY epoch, flush FOR UPDATE";

    /// <summary>Those with pairs of configured series among others: $3 has the configured ones.</summary>
    private string Mixed { get; } = $"""
        SELECT epoch, flush, pairs FROM {database.Schema}.manifests
        WHERE epoch = $1 AND flush < $2 AND pair_series && $3 AND NOT pair_series <@ $3 FOR UPDATE
        """;

    private string Least { get; } = $"""
        SELECT p.series, min(p.least) FROM {database.Schema}.manifests, unnest(pair_series, pair_least) AS p (series, least)
        WHERE p.series = ANY ($1) GROUP BY p.series
        """;

    private string DropRetired { get; } = Drop(database.Schema, "epoch = $1 AND flush < $2 AND pair_series <@ $3");

    private string DropOne { get; } = Drop(database.Schema, "epoch = $1 AND flush = $2");

    private string PutBack { get; } = $"""
        INSERT INTO {database.Schema}.manifests (epoch, flush, pairs, pair_series, pair_least, size_series, size_windows, size_bytes)
        VALUES ($1, $2, $3, $4, $5, ARRAY[]::integer[], ARRAY[]::bigint[], ARRAY[]::bigint[])
        """;

    private string DropLedger { get; } =
        $"DELETE FROM {database.Schema}.flush_ledger WHERE epoch = $1 AND flush < $2 AND flush "
            + $"< (SELECT max(flush) FROM {database.Schema}.flush_ledger WHERE epoch = $1)";

    /// <summary>Those of all epochs, in no order between them.</summary>
    public async IAsyncEnumerable<Manifest> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        var epochs = await database.ReadAsync("read manifests", (connection, stop) => connection.Command(
            $"SELECT DISTINCT epoch FROM {database.Schema}.manifests").ListAsync(reader => (uint)reader.GetInt32(0), stop), cancellation)
            .ConfigureAwait(false);
        await foreach (var manifest in ReadAsync(epochs, cancellation).ConfigureAwait(false)) yield return manifest;
    }

    public async IAsyncEnumerable<Manifest> ReadAsync(
        IReadOnlyCollection<uint> epochs, [EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var epoch in epochs.Order())
        {
            var last = 0L;
            List<Manifest> page;
            do
            {
                page = await database.ReadAsync("read manifests", (connection, stop) => connection.Command(Page)
                    .With((int)epoch).With(last).ListAsync(Read, stop), cancellation).ConfigureAwait(false);
                foreach (var manifest in page)
                {
                    yield return manifest;
                    last = (long)manifest.Id.Flush;
                }
            }
            while (page.Count == PageRows);
        }
    }

    /// <summary>Configured series with unretired pairs: what eviction must keep.</summary>
    public async Task<UncoveredSeries> UncoveredAsync(CancellationToken cancellation)
    {
        var rows = await database.WriteAsync("read manifests", (connection, stop) => connection.Command(Least).With(Configured())
            .ListAsync(reader => (Id: (ushort)reader.GetInt32(0), Least: reader.GetInt64(1)), stop), cancellation).ConfigureAwait(false);
        return new UncoveredSeries(rows.Select(row => (registry.Find(row.Id)?.Series.Name ?? $"number {row.Id}", row.Least)));
    }

    /// <summary>
    /// Retires the manifests of an epoch below a flush, but for pairs of series that are not configured. Losing it in a crash repeats work,
    /// so it waits for no disk.
    /// </summary>
    public Task RetireAsync(uint epoch, ulong belowFlush, CancellationToken cancellation)
    {
        var below = (long)Math.Min(belowFlush, long.MaxValue);
        var configured = Configured();
        return guard.WriteAsync("retire manifests", async (connection, stop) =>
        {
            var batch = new NpgsqlBatch(connection);
            await using var batchEnd = batch.ConfigureAwait(false);
            batch.Add("SET LOCAL synchronous_commit = off");
            batch.Add(DropRetired).With((int)epoch).With(below).With(configured);
            batch.Add(DropLedger).With((int)epoch).With(below);
            batch.Add(Mixed).With((int)epoch).With(below).With(configured);
            var mixed = await ReadAllAsync(batch, stop).ConfigureAwait(false);
            foreach (var manifest in mixed)
                await ReplaceAsync(connection, manifest.Id, manifest.OfUnconfigured(IsConfigured), stop).ConfigureAwait(false);
            return 0;
        }, cancellation);
    }

    /// <summary>
    /// Drops the pairs that lie wholly below a cut, up to which ticks have been deleted, whoever's they are, and says so. Before sizes
    /// of evicted ticks are forgotten, since those of dropped manifests are counted by window from then on.
    /// </summary>
    public async Task GiveUpBelowAsync(long cutNs, CancellationToken cancellation)
    {
        var pairs = await DropBelowAsync(cutNs, cancellation).ConfigureAwait(false);
        if (pairs > 0) Log.PairsGivenUp(database.Logger, pairs, UnixTime.ToTime(cutNs));
    }

    private Task<int> DropBelowAsync(long cutNs, CancellationToken cancellation) =>
        guard.WriteAsync("drop manifests of deleted ticks", async (connection, stop) =>
        {
            var dropped = 0;
            foreach (var manifest in await connection.Command(Below).With(cutNs).ListAsync(Read, stop).ConfigureAwait(false))
            {
                var kept = manifest.EndingAfter(cutNs, out var pairs);
                if (pairs == 0) continue;
                dropped += pairs;
                await ReplaceAsync(connection, manifest.Id, kept, stop).ConfigureAwait(false);
            }

            return dropped;
        }, cancellation);

    /// <summary>Series and first bucket of each section, for the columns beside the encoded pairs.</summary>
    public static (int[] Series, long[] Least) ColumnsOf(IReadOnlyList<ManifestSection> sections) =>
        ([.. sections.Select(section => (int)section.SeriesId)], [.. sections.Select(section => section.LeastBucket)]);

    /// <summary>
    /// What the flushes brought is counted by window from now on, in an order that keeps silos from waiting for each other in a circle.
    /// </summary>
    private static string Drop(string schema, string which) => $"""
        WITH gone AS (DELETE FROM {schema}.manifests WHERE {which}
            RETURNING size_series, size_windows, size_bytes)
        INSERT INTO {schema}.tick_sizes AS t (window_ns, series_id, bytes)
        SELECT s.window_ns, s.series_id, sum(s.bytes)
        FROM gone, unnest(size_series, size_windows, size_bytes) AS s (series_id, window_ns, bytes)
        GROUP BY s.window_ns, s.series_id ORDER BY s.window_ns, s.series_id
        ON CONFLICT (window_ns, series_id) DO UPDATE SET bytes = t.bytes + excluded.bytes
        """;

    private async Task ReplaceAsync(NpgsqlConnection connection, FlushId id, List<ManifestSection> kept, CancellationToken stop)
    {
        await connection.Command(DropOne).With((int)id.Epoch).With((long)id.Flush).RunAsync(stop).ConfigureAwait(false);
        if (kept.Count == 0) return;
        var pairs = new ArrayBufferWriter<byte>();
        ManifestCodec.Write(pairs, kept);
        var (series, least) = ColumnsOf(kept);
        await connection.Command(PutBack).With((int)id.Epoch).With((long)id.Flush)
            .With<ReadOnlyMemory<byte>>(pairs.WrittenMemory).With(series).With(least).RunAsync(stop).ConfigureAwait(false);
    }

    private int[] Configured() => [.. registry.All.Select(series => (int)series.Series.Id)];

    private bool IsConfigured(ushort seriesId) => registry.Find(seriesId) is not null;

    private static async Task<List<Manifest>> ReadAllAsync(NpgsqlBatch batch, CancellationToken stop)
    {
        List<Manifest> manifests = [];
        var reader = await batch.ExecuteReaderAsync(stop).ConfigureAwait(false);
        await using var readerEnd = reader.ConfigureAwait(false);
        while (await reader.ReadAsync(stop).ConfigureAwait(false)) manifests.Add(Read(reader));
        return manifests;
    }

    /// <summary>A row of epoch, flush and pairs.</summary>
    public static Manifest Read(NpgsqlDataReader reader) =>
        ManifestCodec.Read(new FlushId((uint)reader.GetInt32(0), (ulong)reader.GetInt64(1)), reader.GetFieldValue<byte[]>(2));
}
