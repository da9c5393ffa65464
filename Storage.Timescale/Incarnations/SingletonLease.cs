namespace Tikr.Storage.Timescale.Incarnations;

/// <summary>
/// The right to do what only one silo has to do (retention, size limits, pruning). Its holder is an incarnation, and keeps it until that is
/// sealed: no clock is compared. One that a nameless incarnation holds is anybody's, since such are never sealed.
/// </summary>
internal sealed class SingletonLease(TimescaleDatabase database, IncarnationGuard guard, string name)
{
    private string Take { get; } = $"""
        INSERT INTO {database.Schema}.leases AS l (name, incarnation) VALUES ($1, $2)
        ON CONFLICT (name) DO UPDATE SET incarnation = excluded.incarnation
        WHERE l.incarnation = excluded.incarnation OR NOT EXISTS (
            SELECT FROM {database.Schema}.incarnations AS i WHERE i.id = l.incarnation AND NOT i.sealed AND i.silo <> '')
        """;

    /// <summary>Takes it if nobody else has it; answers whether this process has it.</summary>
    /// <exception cref="StoreSealedException">This process is sealed.</exception>
    public async Task<bool> HoldAsync(CancellationToken cancellation)
    {
        var self = await guard.SelfAsync(cancellation).ConfigureAwait(false);
        return await guard.WriteAsync($"hold the lease of {name}", (connection, stop) =>
            connection.Command(Take).With(name).With(self.Id).RunAsync(stop), cancellation).ConfigureAwait(false) > 0;
    }
}
