using System.Data;
using Npgsql;

namespace Tikr.Storage.Timescale.Incarnations;

/// <summary>
/// Keeps a sealed incarnation from writing. Each transaction that changes data begins with the shared lock of the incarnation that this
/// process writes as, and only then, in a statement of its own and so by a snapshot of its own, looks whether it is sealed. The sealer
/// takes the lock alone: once it has it, no such transaction is under way, and each that follows sees the seal. A row lock would not do,
/// since readers of the row pass it.
/// </summary>
internal sealed class IncarnationGuard(TimescaleDatabase database) : IDisposable
{
    /// <summary>Takes the lock: $1 <see cref="Space"/>, $2 number of the incarnation. A statement of its own.</summary>
    public const string Lock = "SELECT pg_advisory_xact_lock_shared($1, $2)";

    private readonly SemaphoreSlim _one = new(1);
    private volatile Registered? _self;

    /// <summary>First number of the incarnations' advisory locks; the second is the incarnation's.</summary>
    public int Space { get; } = ConnectionSettings.LockSpaceOf($"incarnations of {database.Options.Schema}");

    /// <summary>Whether an incarnation may write, as a condition of a statement that follows <see cref="Lock"/>.</summary>
    public string IsOpen(int parameter) => $"EXISTS (SELECT FROM {database.Schema}.incarnations WHERE id = ${parameter} AND NOT sealed)";

    /// <summary>As what this process writes; it registers as nameless if it has not registered.</summary>
    public async ValueTask<Registered> SelfAsync(CancellationToken cancellation)
    {
        if (_self is { } self) return self;
        await RegisterAsync(null, cancellation).ConfigureAwait(false);
        return _self!;
    }

    /// <summary>Registers this process; null as nameless, unless it has registered.</summary>
    public async Task RegisterAsync(Incarnation? incarnation, CancellationToken cancellation)
    {
        await _one.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (_self is not null && incarnation is null) return;
            var wanted = incarnation ?? Incarnation.Nameless();
            var (id, isSealed) = await database.WriteAsync(
                "register with it", (connection, stop) => RegisterAsync(connection, wanted, stop), cancellation).ConfigureAwait(false);
            if (isSealed) throw new StoreSealedException(wanted.Name);
            _self = new Registered(id, wanted.Name);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Runs a transaction of writes.</summary>
    /// <exception cref="StoreSealedException">This process is sealed.</exception>
    public async Task<T> WriteAsync<T>(
        string what, Func<NpgsqlConnection, CancellationToken, Task<T>> work, CancellationToken cancellation)
    {
        var self = await SelfAsync(cancellation).ConfigureAwait(false);
        return await database.WriteAsync(
            what, (connection, stop) => RunAsync(connection, self, work, stop), cancellation).ConfigureAwait(false);
    }

    /// <summary>The same for what may take longer.</summary>
    public async Task<T> MaintainAsync<T>(
        string what, Func<NpgsqlConnection, CancellationToken, Task<T>> work, CancellationToken cancellation)
    {
        var self = await SelfAsync(cancellation).ConfigureAwait(false);
        return await database.MaintainAsync(
            what, (connection, stop) => RunAsync(connection, self, work, stop), cancellation).ConfigureAwait(false);
    }

    /// <summary>Begins a transaction of writes.</summary>
    public async Task<NpgsqlTransaction> BeginAsync(NpgsqlConnection connection, Registered self, CancellationToken stop)
    {
        var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, stop).ConfigureAwait(false);
        try
        {
            await EnterAsync(connection, self, stop).ConfigureAwait(false);
            return transaction;
        }
        catch
        {
            await transaction.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _one.Dispose();

    private async Task EnterAsync(NpgsqlConnection connection, Registered self, CancellationToken stop)
    {
        var batch = new NpgsqlBatch(connection);
        await using var batchEnd = batch.ConfigureAwait(false);
        batch.Add(Lock).With(Space).With(self.Id);
        batch.Add($"SELECT {IsOpen(1)}").With(self.Id);
        var reader = await batch.ExecuteReaderAsync(stop).ConfigureAwait(false);
        await using var readerEnd = reader.ConfigureAwait(false);
        await reader.NextResultAsync(stop).ConfigureAwait(false);
        await reader.ReadAsync(stop).ConfigureAwait(false);
        if (!reader.GetBoolean(0)) throw new StoreSealedException(self.Name);
    }

    private async Task<T> RunAsync<T>(
        NpgsqlConnection connection, Registered self, Func<NpgsqlConnection, CancellationToken, Task<T>> work, CancellationToken stop)
    {
        var transaction = await BeginAsync(connection, self, stop).ConfigureAwait(false);
        await using var transactionEnd = transaction.ConfigureAwait(false);
        var result = await work(connection, stop).ConfigureAwait(false);
        await transaction.CommitAsync(stop).ConfigureAwait(false);
        return result;
    }

    private async Task<(int Id, bool IsSealed)> RegisterAsync(NpgsqlConnection connection, Incarnation wanted, CancellationToken stop)
    {
        var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, stop).ConfigureAwait(false);
        await using var transactionEnd = transaction.ConfigureAwait(false);
        await connection.Command("SET LOCAL synchronous_commit = on").RunAsync(stop).ConfigureAwait(false);
        await connection.Command(
            $"INSERT INTO {database.Schema}.incarnations (name, silo, spec_hash) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING")
            .With(wanted.Name).With(wanted.Silo).With(wanted.SpecHash).RunAsync(stop).ConfigureAwait(false);
        var rows = await connection.Command($"SELECT id, sealed FROM {database.Schema}.incarnations WHERE name = $1").With(wanted.Name)
            .ListAsync(reader => (reader.GetInt32(0), reader.GetBoolean(1)), stop).ConfigureAwait(false);
        await transaction.CommitAsync(stop).ConfigureAwait(false);
        return rows[0];
    }

    /// <summary>As what this process writes.</summary>
    /// <param name="Id">Number of the incarnation.</param>
    /// <param name="Name">Its name.</param>
    internal sealed record Registered(int Id, string Name);
}
