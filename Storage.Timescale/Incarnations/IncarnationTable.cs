using System.Data;
using Npgsql;

namespace Tikr.Storage.Timescale.Incarnations;

/// <summary>Who writes to the schema: registers, seals and forgets incarnations, and allocates their epochs.</summary>
internal sealed class IncarnationTable(TimescaleDatabase database, IncarnationGuard guard) : IIncarnations
{
    /// <summary>How long transactions under way of an incarnation that is sealed are waited for before they are ended.</summary>
    private const int PatienceMs = 250;

    private string List { get; } = $"""
        SELECT i.name, i.silo, i.spec_hash, i.sealed,
            ARRAY(SELECT e.epoch FROM {database.Schema}.epochs AS e WHERE e.incarnation = i.id ORDER BY e.epoch),
            {HasManifests(database.Schema)}
        FROM {database.Schema}.incarnations AS i ORDER BY i.id
        """;

    /// <summary>The shared lock of an incarnation is held by nobody but its own process: $1 space, $2 number.</summary>
    private const string EndHolders = """
        SELECT count(pg_terminate_backend(pid)) FROM pg_locks
        WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
            AND classid::bigint = ($1::bigint & 4294967295) AND objid::bigint = $2 AND objsubid = 2 AND mode = 'ShareLock' AND granted
        """;

    private string Forget { get; } = $"""
        WITH old AS (
            SELECT i.id FROM {database.Schema}.incarnations AS i
            WHERE sealed AND settled < clock_timestamp() - interval '1 day' AND NOT {HasManifests(database.Schema)}
            ORDER BY i.id FOR UPDATE SKIP LOCKED),
        gone AS (DELETE FROM {database.Schema}.epochs WHERE incarnation IN (SELECT id FROM old) RETURNING epoch),
        rows AS (DELETE FROM {database.Schema}.flush_ledger WHERE epoch IN (SELECT epoch FROM gone))
        DELETE FROM {database.Schema}.incarnations WHERE id IN (SELECT id FROM old)
        """;

    private string Settle { get; } = $"""
        UPDATE {database.Schema}.incarnations SET settled = clock_timestamp() WHERE id IN (
            SELECT i.id FROM {database.Schema}.incarnations AS i
            WHERE sealed AND settled IS NULL AND NOT {HasManifests(database.Schema)} ORDER BY i.id FOR UPDATE SKIP LOCKED)
        """;

    /// <inheritdoc/>
    public async ValueTask RegisterAsync(Incarnation self, CancellationToken cancellation) =>
        await guard.RegisterAsync(self, cancellation).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<bool> SealAsync(string name, CancellationToken cancellation)
    {
        while (true)
        {
            var outcome = await database.WriteAsync(
                $"seal {name}", (connection, stop) => SealAsync(connection, name, stop), cancellation).ConfigureAwait(false);
            if (outcome is { } isKnown) return isKnown;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<RegisteredIncarnation>> ListAsync(CancellationToken cancellation) =>
        await database.ReadAsync("list its incarnations", (connection, stop) => connection.Command(List).ListAsync(reader =>
            new RegisteredIncarnation(
                new Incarnation(reader.GetString(0), reader.GetString(1), reader.GetString(2)),
                [.. reader.GetFieldValue<int[]>(4).Select(epoch => (uint)epoch)], reader.GetBoolean(3), reader.GetBoolean(5)), stop),
            cancellation).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<IRecoveryLease> TakeForRecoveryAsync(IReadOnlyCollection<string> names, CancellationToken cancellation)
    {
        var self = await guard.SelfAsync(cancellation).ConfigureAwait(false);
        return await database.HoldAsync("take incarnations for recovery", async (connection, stop) =>
        {
            var transaction = await guard.BeginAsync(connection, self, stop).ConfigureAwait(false);

            // It is idle for as long as recovery takes, and ends with the process or when this incarnation is sealed.
            await connection.Command("SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL application_name = 'tikr recovery'")
                .RunAsync(stop).ConfigureAwait(false);
            var taken = await connection.Command($"SELECT name FROM {database.Schema}.incarnations WHERE name = ANY ($1) AND sealed "
                + "ORDER BY id FOR UPDATE SKIP LOCKED").With<string[]>([.. names])
                .ListAsync(reader => reader.GetString(0), stop).ConfigureAwait(false);
            return new RecoveryLease(connection, transaction, taken);
        }, cancellation).ConfigureAwait(false);
    }

    /// <summary>Allocates an epoch for this process. The row that all silos share comes last.</summary>
    public async Task<uint> AllocateEpochAsync(CancellationToken cancellation)
    {
        var self = await guard.SelfAsync(cancellation).ConfigureAwait(false);
        return (uint)await guard.WriteAsync("allocate an epoch", async (connection, stop) =>
        {
            await connection.Command("SET LOCAL synchronous_commit = on").RunAsync(stop).ConfigureAwait(false);
            return await connection.Command($"""
                WITH next AS (UPDATE {database.Schema}.state SET epoch = epoch + 1 RETURNING epoch)
                INSERT INTO {database.Schema}.epochs (epoch, incarnation) SELECT epoch, $1 FROM next RETURNING epoch
                """).With(self.Id).ScalarAsync<int>(stop).ConfigureAwait(false);
        }, cancellation).ConfigureAwait(false);
    }

    /// <summary>Forgets what has been sealed and retired for a day: a late retry of a commit has found its ledger row until then.</summary>
    public Task<int> ForgetAsync(CancellationToken cancellation) =>
        guard.WriteAsync("forget sealed incarnations", async (connection, stop) =>
        {
            await connection.Command(Settle).RunAsync(stop).ConfigureAwait(false);
            return await connection.Command(Forget).RunAsync(stop).ConfigureAwait(false);
        }, cancellation);

    private static string HasManifests(string schema) =>
        $"EXISTS (SELECT FROM {schema}.epochs AS e JOIN {schema}.manifests AS m USING (epoch) WHERE e.incarnation = i.id)";

    /// <summary>Whether it was known; null to try again, since transactions of it had to be ended.</summary>
    private async Task<bool?> SealAsync(NpgsqlConnection connection, string name, CancellationToken stop)
    {
        var schema = database.Schema;
        var id = 0;
        try
        {
            var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, stop).ConfigureAwait(false);
            await using var transactionEnd = transaction.ConfigureAwait(false);
            await connection.Command($"SET LOCAL synchronous_commit = on; SET LOCAL lock_timeout = {PatienceMs}")
                .RunAsync(stop).ConfigureAwait(false);
            var isNew = await connection.Command($"INSERT INTO {schema}.incarnations (name, silo, spec_hash, sealed) "
                + "VALUES ($1, '', '', true) ON CONFLICT (name) DO NOTHING").With(name).RunAsync(stop).ConfigureAwait(false) > 0;
            var rows = await connection.Command($"SELECT id, sealed FROM {schema}.incarnations WHERE name = $1").With(name)
                .ListAsync(reader => (Id: reader.GetInt32(0), IsSealed: reader.GetBoolean(1)), stop).ConfigureAwait(false);
            if (!isNew && !rows[0].IsSealed)
            {
                id = rows[0].Id;
                await connection.Command("SELECT pg_advisory_xact_lock($1, $2)").With(guard.Space).With(id)
                    .RunAsync(stop).ConfigureAwait(false);
                await connection.Command($"UPDATE {schema}.incarnations SET sealed = true WHERE id = $1").With(id)
                    .RunAsync(stop).ConfigureAwait(false);
            }

            await transaction.CommitAsync(stop).ConfigureAwait(false);
            return !isNew;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            if (id == 0) return null;
            var ended = await connection.Command(EndHolders).With((long)guard.Space).With((long)id)
                .ScalarAsync<long>(stop).ConfigureAwait(false);
            Log.Ended(database.Logger, ended, name);
            return null;
        }
    }

    /// <summary>Row locks of the incarnations, on a connection of their own.</summary>
    private sealed class RecoveryLease(NpgsqlConnection connection, NpgsqlTransaction transaction, List<string> names) : IRecoveryLease
    {
        public IReadOnlyCollection<string> Names => names;

        public async ValueTask DisposeAsync()
        {
            try
            {
                await transaction.DisposeAsync().ConfigureAwait(false);
            }
            catch (Exception e) when (Errors.IsOfDatabase(e))
            {
                // The connection is gone, and the locks with it.
            }

            await connection.DisposeAsync().ConfigureAwait(false);
        }
    }
}
