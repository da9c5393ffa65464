using Npgsql;

namespace Tikr.Storage.Timescale.Retention;

/// <summary>
/// Brings chunk intervals, policies and the records of chunks of all tables to what the settings and the licence say; part of opening the
/// catalog.
/// </summary>
internal sealed class RetentionSetup(TimescaleDatabase database, Chunks chunks, StoreState state, ChunkRecords records)
{
    /// <summary>Runs in the transaction of the catalog.</summary>
    public async Task ApplyAsync(NpgsqlConnection connection, CancellationToken stop)
    {
        var licence = await connection.Command("SELECT current_setting('timescaledb.license')")
            .ScalarAsync<string>(stop).ConfigureAwait(false);
        var wanted = database.Options.Retention;
        if (database.Options.CompressBars && licence != RetentionPolicySql.Community) Log.NoCompression(database.Logger, licence);
        var (ticks, bars) = await chunks.TablesAsync(connection, stop).ConfigureAwait(false);
        var targets = ticks.ToDictionary(name => name, name => new RetentionTarget(Qualified(name), database.Options.TicksTtl, TicksTrail));
        foreach (var name in bars)
            targets.Add(name, new RetentionTarget(Qualified(name), database.Options.BarsTtl, TimescaleReaper.Trail, CompressAfter));
        foreach (var (name, installed) in await InstalledAsync(connection, [.. targets.Keys], stop).ConfigureAwait(false))
        {
            foreach (var sql in RetentionPolicySql.Changes(licence, wanted, targets[name], installed))
                await connection.Command(sql).RunAsync(stop).ConfigureAwait(false);
        }

        await records.RecordAsync(connection, ticks, isTicks: true, stop).ConfigureAwait(false);
        await records.RecordAsync(connection, bars, isTicks: false, stop).ConfigureAwait(false);
        state.ExpiresItself = RetentionPolicySql.IsNative(licence, wanted);
    }

    /// <summary>A block begins up to one span before its last tick.</summary>
    private static TimeSpan TicksTrail { get; } = TimescaleReaper.Trail
        + TimeSpan.FromTicks(FlushCommit.MaxBlockSpanNs / TimeSpan.NanosecondsPerTick);

    /// <summary>Bars settle while their chunk and the next are filled; later revisions are rare, and possible all the same.</summary>
    private TimeSpan? CompressAfter => database.Options.CompressBars ? 2 * ChunkPlan.For(database.Options.BarsTtl).Chunk : null;

    private string Qualified(string name) => $"{database.Schema}.{Sql.Quote(name)}";

    /// <summary>
    /// A policy that goes by something else (the time a chunk was made) is there all the same, and counts as one to be replaced.
    /// </summary>
    private Task<List<(string Name, InstalledRetention Installed)>> InstalledAsync(
        NpgsqlConnection connection, string[] names, CancellationToken stop) => connection.Command("""
        SELECT d.hypertable_name::text, d.time_interval,
            CASE WHEN r.job_id IS NOT NULL THEN coalesce((r.config ->> 'drop_after')::interval, interval '0') END, r.schedule_interval,
            CASE WHEN c.job_id IS NOT NULL THEN coalesce((c.config ->> 'compress_after')::interval, interval '0') END, h.compression_enabled
        FROM timescaledb_information.dimensions AS d
        JOIN timescaledb_information.hypertables AS h USING (hypertable_schema, hypertable_name)
        LEFT JOIN timescaledb_information.jobs AS r
            ON r.hypertable_schema = d.hypertable_schema AND r.hypertable_name = d.hypertable_name AND r.proc_name = 'policy_retention'
        LEFT JOIN timescaledb_information.jobs AS c
            ON c.hypertable_schema = d.hypertable_schema AND c.hypertable_name = d.hypertable_name AND c.proc_name = 'policy_compression'
        WHERE d.hypertable_schema = $1 AND d.hypertable_name = ANY ($2::text[])
        """).With(database.Options.Schema).With(names).ListAsync(
            r => (r.GetString(0), new InstalledRetention(
                r.GetTimeSpan(1), SpanOrNull(r, 2), SpanOrNull(r, 3), SpanOrNull(r, 4), r.GetBoolean(5))), stop);

    private static TimeSpan? SpanOrNull(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetTimeSpan(column);
}
