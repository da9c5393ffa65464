using Npgsql;
using Tikr.Storage.Timescale.Incarnations;

namespace Tikr.Storage.Timescale.Retention;

/// <summary>What the database knows of chunks, and dropping them.</summary>
internal sealed class Chunks(TimescaleDatabase database, IncarnationGuard guard)
{
    private const int Attempts = 5;

    /// <summary>Every table of ticks or bars, those of series that are not configured now included.</summary>
    public Task<(string[] Ticks, string[] Bars)> TablesAsync(CancellationToken cancellation) =>
        database.WriteAsync("list its tables", TablesAsync, cancellation);

    public async Task<(string[] Ticks, string[] Bars)> TablesAsync(NpgsqlConnection connection, CancellationToken stop)
    {
        var names = await connection.Command(
            $"SELECT true, 'ticks_' || id FROM {database.Schema}.series UNION ALL "
                + $"SELECT false, table_name FROM {database.Schema}.bar_tables")
            .ListAsync(reader => (IsTicks: reader.GetBoolean(0), Name: reader.GetString(1)), stop).ConfigureAwait(false);
        return ([.. names.Where(n => n.IsTicks).Select(n => n.Name)], [.. names.Where(n => !n.IsTicks).Select(n => n.Name)]);
    }

    /// <summary>Ends of the chunks of some tables with their bytes, oldest first.</summary>
    public Task<List<(long EndNs, long Bytes)>> SizesAsync(string[] tables, CancellationToken cancellation) =>
        database.MaintainAsync("measure chunks", (connection, stop) => connection.Command("""
            SELECT (extract(epoch FROM c.range_end) * 1000000)::bigint * 1000, sum(s.total_bytes)::bigint
            FROM unnest($2::text[]) AS t (name)
            CROSS JOIN LATERAL chunks_detailed_size(format('%I.%I', $1::text, t.name)::regclass) AS s
            JOIN timescaledb_information.chunks AS c ON c.chunk_schema = s.chunk_schema AND c.chunk_name = s.chunk_name
            GROUP BY c.range_end ORDER BY c.range_end
            """).With(database.Options.Schema).With(tables)
            .ListAsync(reader => (reader.GetInt64(0), reader.GetInt64(1)), stop), cancellation);

    /// <summary>
    /// Drops the chunks of some tables that end at or before a time; returns how many. Writers hold locks on chunks in another order, so
    /// deadlocks are retried.
    /// </summary>
    public async Task<int> DropAsync(string[] tables, long beforeNs, CancellationToken cancellation)
    {
        var dropped = 0;
        foreach (var table in tables) dropped += await DropAsync(table, beforeNs, cancellation).ConfigureAwait(false);
        return dropped;
    }

    /// <summary>Deletes the rows of some tables before a time from the chunks that hold them together with later ones.</summary>
    public async Task<int> DeleteRowsAsync(
        string[] tables, string column, long beforeNs, bool rewrite, CancellationToken cancellation)
    {
        var deleted = 0;
        foreach (var table in tables)
        {
            var chunks = await database.MaintainAsync("look for old rows",
                (connection, stop) => ChunksWithAsync(connection, table, beforeNs, stop), cancellation).ConfigureAwait(false);
            if (chunks.Count == 0) continue;
            var delete = $"DELETE FROM {database.Schema}.{Sql.Quote(table)} WHERE {column} < {Sql.TimeLiteral(beforeNs)}";
            deleted += await guard.MaintainAsync(
                "delete old rows", (connection, stop) => connection.Command(delete).RunAsync(stop), cancellation).ConfigureAwait(false);
            foreach (var chunk in chunks)
            {
                await database.MaintainAsync("vacuum old rows", (connection, stop) => connection.Command(
                    $"VACUUM ({(rewrite ? "FULL" : "TRUNCATE false")}) {chunk}").RunAsync(stop), cancellation).ConfigureAwait(false);
            }
        }

        return deleted;
    }

    private async Task<int> DropAsync(string table, long beforeNs, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return (int)await guard.MaintainAsync("drop old chunks", (connection, stop) => connection.Command(
                    $"SELECT count(*) FROM drop_chunks({Sql.Literal($"{database.Schema}.{Sql.Quote(table)}")}, "
                        + $"older_than => {Sql.TimeLiteral(beforeNs)})")
                    .ScalarAsync<long>(stop), cancellation).ConfigureAwait(false);
            }
            catch (StoreUnavailableException e) when (attempt < Attempts
                && e.InnerException is PostgresException { SqlState: PostgresErrorCodes.DeadlockDetected })
            {
                Log.DeadlockRetried(database.Logger, table, attempt);
            }
        }
    }

    private Task<List<string>> ChunksWithAsync(NpgsqlConnection connection, string table, long beforeNs, CancellationToken stop) =>
        connection.Command($"""
        SELECT format('%I.%I', chunk_schema, chunk_name) FROM timescaledb_information.chunks
        WHERE hypertable_schema = $1 AND hypertable_name = $2 AND range_start < {Sql.TimeLiteral(beforeNs)}
        """).With(database.Options.Schema).With(table).ListAsync(reader => reader.GetString(0), stop);
}
