using Tikr.Core.Time;

namespace Tikr.Storage.Timescale.Retention;

/// <summary>
/// Looks after the database's policies: chunks that they have left twice in a row (no worker was free, or the job fails) are dropped here,
/// and a warning says what ails the job. Both clocks, this one and the server's, must agree that they have expired.
/// </summary>
internal sealed class OverdueChunks(TimescaleDatabase database, Horizons horizons, Chunks chunks)
{
    /// <summary>What a policy may take longer than its schedule.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private bool _seen;

    /// <summary>One look.</summary>
    /// <param name="ticksCutoffNs">Event time before which whole chunks of ticks have expired by this clock.</param>
    /// <param name="barsCutoffNs">The same of bars.</param>
    /// <param name="cancellation">Ends it early.</param>
    public async Task DropAsync(long ticksCutoffNs, long barsCutoffNs, CancellationToken cancellation)
    {
        var (ticks, bars) = await chunks.TablesAsync(cancellation).ConfigureAwait(false);
        var behind = await ServerIsBehindAsync(cancellation).ConfigureAwait(false);
        var (beforeTicks, beforeBars) = (ticksCutoffNs - behind, barsCutoffNs - behind);
        var overdue = await CountAsync(ticks, beforeTicks, cancellation)
            .ConfigureAwait(false) + await CountAsync(bars, beforeBars, cancellation).ConfigureAwait(false);
        if (overdue > 0 && _seen)
        {
            Log.PoliciesIdle(database.Logger, overdue, await AilmentAsync(cancellation).ConfigureAwait(false));
            await horizons.RaiseCompleteFromAsync(beforeTicks + FlushCommit.MaxBlockSpanNs, cancellation).ConfigureAwait(false);
            await horizons.RaiseBarsCutoffAsync(beforeBars, cancellation).ConfigureAwait(false);
            await chunks.DropAsync(ticks, beforeTicks, cancellation).ConfigureAwait(false);
            await chunks.DropAsync(bars, beforeBars, cancellation).ConfigureAwait(false);
        }

        _seen = overdue > 0;
    }

    /// <summary>By how much the server's clock is behind this one; 0 if it is ahead.</summary>
    private async Task<long> ServerIsBehindAsync(CancellationToken cancellation)
    {
        var server = await database.MaintainAsync("read its clock", (connection, stop) =>
            connection.Command("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint * 1000")
                .ScalarAsync<long>(stop), cancellation).ConfigureAwait(false);
        return Math.Max(0, database.Time.GetUnixNanoseconds() - server);
    }

    private Task<long> CountAsync(string[] tables, long beforeNs, CancellationToken cancellation) =>
        database.MaintainAsync("look for expired chunks", (connection, stop) =>
        connection.Command($"""
            SELECT count(*) FROM timescaledb_information.chunks
            WHERE hypertable_schema = $1 AND hypertable_name = ANY ($2::text[])
                AND range_end <= {Sql.TimeLiteral(beforeNs - Patience.ToNanoseconds())}
            """).With(database.Options.Schema).With(tables).ScalarAsync<long>(stop), cancellation);

    private async Task<string> AilmentAsync(CancellationToken cancellation)
    {
        var known = await database.MaintainAsync("read what ails policies", (connection, stop) => connection.Command("""
            SELECT e.err_message FROM timescaledb_information.jobs AS j JOIN timescaledb_information.job_errors AS e USING (job_id)
            WHERE j.hypertable_schema = $1 AND j.proc_name = 'policy_retention' AND e.err_message IS NOT NULL
            ORDER BY e.start_time DESC LIMIT 1
            """).With(database.Options.Schema).ListAsync(reader => reader.GetString(0), stop), cancellation).ConfigureAwait(false);
        return known.Count > 0 ? $"they fail with: {known[0]}"
            : "they do not run: look at timescaledb_information.job_stats, timescaledb.max_background_workers and max_worker_processes";
    }
}
