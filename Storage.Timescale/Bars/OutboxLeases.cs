using Tikr.Storage.Timescale.Incarnations;

namespace Tikr.Storage.Timescale.Bars;

/// <summary>
/// Which silo sends which outbox partitions: until it lets go or its incarnation is sealed. That of a process without a silo, which is
/// never sealed, goes by the database's clock. Every silo that asks gets an even share: it lets go of what it holds beyond it, and takes
/// what nobody holds.
/// </summary>
internal sealed class OutboxLeases(TimescaleDatabase database, IncarnationGuard guard)
{
    /// <summary>Second number of the advisory lock that makes changes of the leases follow each other.</summary>
    private const int LeaseLock = -1;

    private string Renew { get; } = $"""
        INSERT INTO {database.Schema}.outbox_senders (owner, expires, incarnation)
        SELECT $1, CASE WHEN silo = '' THEN clock_timestamp() + $2 ELSE 'infinity' END, id FROM {database.Schema}.incarnations WHERE id = $3
        ON CONFLICT (owner) DO UPDATE SET expires = excluded.expires, incarnation = excluded.incarnation
        """;

    private string Expire { get; } = $"""
        WITH gone AS (
            DELETE FROM {database.Schema}.outbox_senders AS s WHERE expires <= clock_timestamp()
                OR NOT EXISTS (SELECT FROM {database.Schema}.incarnations AS i WHERE i.id = s.incarnation AND NOT i.sealed)
            RETURNING owner)
        DELETE FROM {database.Schema}.outbox_leases AS l USING gone WHERE l.owner = gone.owner
        """;

    /// <summary>Lets go of what is held beyond the share ($3) or no longer wanted, then takes free partitions up to it.</summary>
    private string Release { get; } = $"""
        DELETE FROM {database.Schema}.outbox_leases WHERE owner = $1 AND partition NOT IN (
            SELECT partition FROM {database.Schema}.outbox_leases WHERE owner = $1 AND partition = ANY ($2) ORDER BY partition LIMIT $3)
        """;

    private string Take { get; } = $"""
        INSERT INTO {database.Schema}.outbox_leases (partition, owner)
        SELECT w.partition, $1 FROM unnest($2::integer[]) AS w (partition)
        WHERE NOT EXISTS (SELECT FROM {database.Schema}.outbox_leases AS l WHERE l.partition = w.partition)
        ORDER BY w.partition
        LIMIT greatest(0, $3 - (SELECT count(*) FROM {database.Schema}.outbox_leases WHERE owner = $1))
        """;

    public async ValueTask<IReadOnlyList<int>> HoldAsync(
        string owner, IReadOnlyList<int>? wanted, TimeSpan lease, CancellationToken cancellation)
    {
        var self = await guard.SelfAsync(cancellation).ConfigureAwait(false);
        return await guard.WriteAsync("renew outbox leases", async (connection, stop) =>
        {
            await connection.Command("SELECT pg_advisory_xact_lock($1, $2)")
                .With(database.LockSpace).With(LeaseLock).RunAsync(stop).ConfigureAwait(false);
            await connection.Command(Expire).RunAsync(stop).ConfigureAwait(false);
            if (wanted is null)
            {
                await connection.Command($"DELETE FROM {database.Schema}.outbox_leases WHERE owner = $1")
                    .With(owner).RunAsync(stop).ConfigureAwait(false);
                await connection.Command($"DELETE FROM {database.Schema}.outbox_senders WHERE owner = $1")
                    .With(owner).RunAsync(stop).ConfigureAwait(false);
                return [];
            }

            await connection.Command(Renew).With(owner).With(lease).With(self.Id).RunAsync(stop).ConfigureAwait(false);
            var senders = await connection.Command($"SELECT count(*) FROM {database.Schema}.outbox_senders")
                .ScalarAsync<long>(stop).ConfigureAwait(false);
            var share = (wanted.Count + senders - 1) / senders;
            int[] partitions = [.. wanted];
            await connection.Command(Release).With(owner).With(partitions).With(share).RunAsync(stop).ConfigureAwait(false);
            await connection.Command(Take).With(owner).With(partitions).With(share).RunAsync(stop).ConfigureAwait(false);
            return await connection.Command(
                $"SELECT partition FROM {database.Schema}.outbox_leases WHERE owner = $1 ORDER BY partition").With(owner)
                .ListAsync(reader => reader.GetInt32(0), stop).ConfigureAwait(false);
        }, cancellation).ConfigureAwait(false);
    }
}
