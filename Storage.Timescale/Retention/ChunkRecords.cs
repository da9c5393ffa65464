using Npgsql;
using Tikr.Core.Time;

namespace Tikr.Storage.Timescale.Retention;

/// <summary>
/// Which chunks there have been. The database's policies drop them on their own, while no silo runs too: what is lost shows in the recorded
/// ones that are gone, and in nothing else. A chunk is recorded by the transaction that puts the first rows into it.
/// </summary>
internal sealed class ChunkRecords(TimescaleDatabase database, StoreState state)
{
    /// <summary>Records those of some tables: $1 schema, $2 tables, $3 whether they hold ticks. Gives their ranges.</summary>
    private string Record { get; } = $"""
        WITH found AS (
            SELECT format('%I.%I', hypertable_schema, hypertable_name) AS of_table, format('%I.%I', chunk_schema, chunk_name) AS chunk,
                (extract(epoch FROM range_start) * 1000000)::bigint * 1000 AS start_ns,
                (extract(epoch FROM range_end) * 1000000)::bigint * 1000 AS end_ns
            FROM timescaledb_information.chunks WHERE hypertable_schema = $1 AND hypertable_name = ANY ($2)),
        added AS (
            INSERT INTO {database.Schema}.chunks (chunk, of_table, is_ticks, end_ns)
            SELECT chunk, of_table, $3, end_ns FROM found ORDER BY chunk ON CONFLICT DO NOTHING)
        SELECT start_ns, end_ns FROM found
        """;

    private string AnyGone { get; } = $"SELECT EXISTS (SELECT FROM {database.Schema}.chunks WHERE to_regclass(chunk) IS NULL)";

    /// <summary>A table that somebody dropped takes nothing from the others.</summary>
    private string NoteGone { get; } = $"""
        WITH gone AS (
            DELETE FROM {database.Schema}.chunks WHERE to_regclass(chunk) IS NULL
            RETURNING is_ticks, CASE WHEN to_regclass(of_table) IS NULL THEN 0 ELSE end_ns END AS end_ns)
        UPDATE {database.Schema}.state SET
            complete_from = greatest(
                complete_from, (SELECT max(end_ns) + {FlushCommit.MaxBlockSpanNs} FROM gone WHERE is_ticks AND end_ns > 0)),
            bars_cutoff = greatest(bars_cutoff, (SELECT max(end_ns) FROM gone WHERE NOT is_ticks))
        WHERE EXISTS (SELECT FROM gone) RETURNING complete_from, bars_cutoff
        """;

    /// <summary>
    /// complete_from as it is now, gone chunks of a table included although they may not have been noted yet.
    /// </summary>
    /// <param name="schema">The schema, quoted.</param>
    /// <param name="table">The table, with its schema.</param>
    public static string CompleteFrom(string schema, string table) => $"""
        SELECT greatest(complete_from, (SELECT max(end_ns) + {FlushCommit.MaxBlockSpanNs} FROM {schema}.chunks
            WHERE to_regclass(of_table) = {Sql.Literal(table)}::regclass AND to_regclass(chunk) IS NULL)) FROM {schema}.state
        """;

    /// <summary>Raises the horizons durably past every recorded chunk that is gone.</summary>
    public async Task NoteGoneAsync(CancellationToken cancellation)
    {
        var raised = await database.WriteAsync("look for dropped chunks", NoteGoneAsync, cancellation).ConfigureAwait(false);
        foreach (var (completeFrom, barsCutoff) in raised)
        {
            state.SawCompleteFrom(completeFrom);
            state.SawBarsCutoff(barsCutoff);
            Log.ChunksGone(database.Logger, UnixTime.ToTime(completeFrom), UnixTime.ToTime(barsCutoff));
        }
    }

    /// <summary>Records all chunks of some tables: those from before there were records, and those of other silos.</summary>
    public Task<List<(long Start, long End)>> RecordAsync(
        NpgsqlConnection connection, string[] tables, bool isTicks, CancellationToken stop) =>
        connection.Command(Record).With(database.Options.Schema).With(tables).With(isTicks)
            .ListAsync(reader => (reader.GetInt64(0), reader.GetInt64(1)), stop);

    /// <summary>
    /// Waits for the disk whatever the durability of ticks, since bars rest on it, and for commits under way, which it holds up only if
    /// there is something to note.
    /// </summary>
    private async Task<List<(long CompleteFrom, long BarsCutoff)>> NoteGoneAsync(NpgsqlConnection connection, CancellationToken stop)
    {
        var transaction = await connection.BeginTransactionAsync(stop).ConfigureAwait(false);
        await using var transactionEnd = transaction.ConfigureAwait(false);
        if (!await connection.Command(AnyGone).ScalarAsync<bool>(stop).ConfigureAwait(false)) return [];
        await connection.Command("SET LOCAL synchronous_commit = on").RunAsync(stop).ConfigureAwait(false);
        await Horizons.TakeCompletenessAsync(database, connection, stop).ConfigureAwait(false);
        var raised = await connection.Command(NoteGone)
            .ListAsync(reader => (reader.GetInt64(0), reader.GetInt64(1)), stop).ConfigureAwait(false);
        await transaction.CommitAsync(stop).ConfigureAwait(false);
        return raised;
    }
}
