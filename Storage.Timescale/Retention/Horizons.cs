using Npgsql;
using Tikr.Storage.Timescale.Incarnations;

namespace Tikr.Storage.Timescale.Retention;

/// <summary>Raises complete_from and the cutoff of bars durably, before anything below them is deleted.</summary>
internal sealed class Horizons(TimescaleDatabase database, IncarnationGuard guard, StoreState state)
{
    /// <summary>Commits share this lock, and raising complete_from holds it alone: no tick is stored below what was raised.</summary>
    public const int CompletenessLock = -2;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    public async Task RaiseCompleteFromAsync(long ns, CancellationToken cancellation)
    {
        if (ns <= state.CompleteFromNs) return;
        state.SawCompleteFrom(await RaiseAsync("complete_from", ns, cancellation).ConfigureAwait(false));
    }

    public async Task RaiseBarsCutoffAsync(long ns, CancellationToken cancellation)
    {
        if (ns <= state.BarsCutoffNs) return;
        state.SawBarsCutoff(await RaiseAsync("bars_cutoff", ns, cancellation).ConfigureAwait(false));
    }

    /// <summary>
    /// Takes the lock of completeness in a transaction of retention. While that waits, so does every commit that begins: so it only tries,
    /// for moments, until no commit is under way that hangs.
    /// </summary>
    public static async Task TakeCompletenessAsync(TimescaleDatabase database, NpgsqlConnection connection, CancellationToken stop)
    {
        await connection.Command("SET LOCAL lock_timeout = 200").RunAsync(stop).ConfigureAwait(false);
        while (true)
        {
            await connection.Command("SAVEPOINT completeness").RunAsync(stop).ConfigureAwait(false);
            try
            {
                await connection.Command("SELECT pg_advisory_xact_lock($1, $2)").With(database.LockSpace).With(CompletenessLock)
                    .RunAsync(stop).ConfigureAwait(false);
                await connection.Command("SET LOCAL lock_timeout = 0").RunAsync(stop).ConfigureAwait(false);
                return;
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable)
            {
                await connection.Command("ROLLBACK TO SAVEPOINT completeness").RunAsync(stop).ConfigureAwait(false);
                await Task.Delay(Pause, TimescaleDatabase.WaitClock, stop).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Waits for the disk whatever the durability of ticks: deletions rest on it.</summary>
    private Task<long> RaiseAsync(string column, long ns, CancellationToken cancellation) =>
        guard.WriteAsync("raise " + column, async (connection, stop) =>
    {
        await connection.Command("SET LOCAL synchronous_commit = on").RunAsync(stop).ConfigureAwait(false);
        await TakeCompletenessAsync(database, connection, stop).ConfigureAwait(false);
        return await connection.Command($"UPDATE {database.Schema}.state SET {column} = greatest({column}, $1) RETURNING {column}")
            .With(ns).ScalarAsync<long>(stop).ConfigureAwait(false);
    }, cancellation);
}
