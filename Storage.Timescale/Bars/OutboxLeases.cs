namespace Tikr.Storage.Timescale.Bars;

/// <summary>
/// Which silo sends which outbox partitions, by the database's clock. Every silo that asks gets an even share: it lets go of what it holds
/// beyond it, and takes what nobody holds.
/// </summary>
internal sealed class OutboxLeases(TimescaleDatabase database)
{
    /// <summary>Second number of the advisory lock that makes changes of the leases follow each other.</summary>
    private const int LeaseLock = -1;

    private string Renew { get; } = $"""
        INSERT INTO {database.Schema}.outbox_senders (owner, expires) VALUES ($1, clock_timestamp() + $2)
        ON CONFLICT (owner) DO UPDATE SET expires = excluded.expires
        """;

    private string Expire { get; } = $"""
        WITH gone AS (DELETE FROM {database.Schema}.outbox_senders WHERE expires <= clock_timestamp() RETURNING owner)
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
        string owner, IReadOnlyList<int>? wanted, TimeSpan lease, CancellationToken cancellation) =>
        await database.WriteAsync("renew outbox leases", async (connection, stop) =>
        {
            var transaction = await connection.BeginTransactionAsync(stop).ConfigureAwait(false);
            await using var transactionEnd = transaction.ConfigureAwait(false);
            await connection.Command("SELECT pg_advisory_xact_lock($1, $2)")
                .With(database.LockSpace).With(LeaseLock).RunAsync(stop).ConfigureAwait(false);
            await connection.Command(Expire).RunAsync(stop).ConfigureAwait(false);
            if (wanted is null)
            {
                await connection.Command($"DELETE FROM {database.Schema}.outbox_leases WHERE owner = $1")
                    .With(owner).RunAsync(stop).ConfigureAwait(false);
                await connection.Command($"DELETE FROM {database.Schema}.outbox_senders WHERE owner = $1")
                    .With(owner).RunAsync(stop).ConfigureAwait(false);
                await transaction.CommitAsync(stop).ConfigureAwait(false);
                return [];
            }

            await connection.Command(Renew).With(owner).With(lease).RunAsync(stop).ConfigureAwait(false);
            var senders = await connection.Command($"SELECT count(*) FROM {database.Schema}.outbox_senders")
                .ScalarAsync<long>(stop).ConfigureAwait(false);
            var share = (wanted.Count + senders - 1) / senders;
            int[] partitions = [.. wanted];
            await connection.Command(Release).With(owner).With(partitions).With(share).RunAsync(stop).ConfigureAwait(false);
            await connection.Command(Take).With(owner).With(partitions).With(share).RunAsync(stop).ConfigureAwait(false);
            var held = await connection.Command(
                $"SELECT partition FROM {database.Schema}.outbox_leases WHERE owner = $1 ORDER BY partition").With(owner)
                .ListAsync(reader => reader.GetInt32(0), stop).ConfigureAwait(false);
            await transaction.CommitAsync(stop).ConfigureAwait(false);
            return held;
        }, cancellation).ConfigureAwait(false);
}
