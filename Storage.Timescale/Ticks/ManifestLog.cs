using System.Runtime.CompilerServices;
using Npgsql;

namespace Tikr.Storage.Timescale.Ticks;

/// <summary>Manifests that are not retired.</summary>
internal sealed class ManifestLog(TimescaleDatabase database)
{
    private const int PageRows = 64;

    private string Page { get; } =
        $"SELECT epoch, flush, pairs FROM {database.Schema}.manifests WHERE "
            + $"(epoch, flush) > ($1, $2) ORDER BY epoch, flush LIMIT {PageRows}";

    /// <summary>
    /// What the flushes brought is counted by window from now on, in an order that keeps silos from waiting for each other in a circle.
    /// </summary>
    private string DropManifests { get; } = $"""
        WITH gone AS (DELETE FROM {database.Schema}.manifests WHERE epoch = $1 AND flush < $2
            RETURNING size_series, size_windows, size_bytes)
        INSERT INTO {database.Schema}.tick_sizes AS t (window_ns, series_id, bytes)
        SELECT s.window_ns, s.series_id, sum(s.bytes)
        FROM gone, unnest(size_series, size_windows, size_bytes) AS s (series_id, window_ns, bytes)
        GROUP BY s.window_ns, s.series_id ORDER BY s.window_ns, s.series_id
        ON CONFLICT (window_ns, series_id) DO UPDATE SET bytes = t.bytes + excluded.bytes
        """;

    private string DropLedger { get; } =
        $"DELETE FROM {database.Schema}.ledger WHERE epoch = $1 AND flush < $2 AND flush "
            + $"< (SELECT max(flush) FROM {database.Schema}.ledger WHERE epoch = $1)";

    public async IAsyncEnumerable<Manifest> ReadAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        var last = new FlushId(0, 0);
        List<Manifest> page;
        do
        {
            page = await database.ReadAsync("read manifests", (connection, stop) => connection.Command(Page)
                .With((int)last.Epoch).With((long)last.Flush).ListAsync(Read, stop), cancellation).ConfigureAwait(false);
            foreach (var manifest in page)
            {
                yield return manifest;
                last = manifest.Id;
            }
        }
        while (page.Count == PageRows);
    }

    /// <summary>Retires the manifests of an epoch below a flush. Losing it in a crash repeats work, so it waits for no disk.</summary>
    public Task RetireAsync(uint epoch, ulong belowFlush, CancellationToken cancellation)
    {
        var below = (long)Math.Min(belowFlush, long.MaxValue);
        return database.WriteAsync("retire manifests", async (connection, stop) =>
        {
            var transaction = await connection.BeginTransactionAsync(stop).ConfigureAwait(false);
            await using var transactionEnd = transaction.ConfigureAwait(false);
            var batch = new NpgsqlBatch(connection);
            await using var batchEnd = batch.ConfigureAwait(false);
            batch.Add("SET LOCAL synchronous_commit = off");
            batch.Add(DropManifests).With((int)epoch).With(below);
            batch.Add(DropLedger).With((int)epoch).With(below);
            await batch.ExecuteNonQueryAsync(stop).ConfigureAwait(false);
            await transaction.CommitAsync(stop).ConfigureAwait(false);
            return true;
        }, cancellation);
    }

    private static Manifest Read(NpgsqlDataReader reader) =>
        ManifestCodec.Read(new FlushId((uint)reader.GetInt32(0), (ulong)reader.GetInt64(1)), reader.GetFieldValue<byte[]>(2));
}
