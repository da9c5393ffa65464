using Microsoft.Extensions.Logging;
using Npgsql;

namespace Tikr.Storage.Timescale;

/// <summary>
/// The way to the database that all parts of the store share: connections, bounded times, and the database's errors as the store's. Reads
/// have connections of their own, so that queries cannot keep commits waiting for one.
/// </summary>
internal sealed class TimescaleDatabase : IStoreHealth, IAsyncDisposable, IDisposable
{
    private const int UpkeepConnections = 3;
    private readonly NpgsqlDataSource _writes;
    private readonly NpgsqlDataSource _reads;
    private readonly NpgsqlDataSource _upkeep;
    private readonly StuckSessions _stuck;
    private volatile bool _disposed;
    private readonly StoreTrouble _trouble;

    public TimescaleDatabase(TimescaleStoreOptions options, TimeProvider time, ILogger logger)
    {
        (Options, Time, Logger) = (options, time, logger);
        _trouble = new StoreTrouble(
            WaitClock, (reason, failures) => Log.Unreachable(Logger, Server, reason, failures), () => Log.Reachable(Logger, Server));
        _writes = ConnectionSettings.Build(options, options.WriteConnections, options.OperationTimeout, "tikr write");
        _reads = ConnectionSettings.Build(options, options.ReadConnections, options.OperationTimeout, "tikr read");
        _upkeep = ConnectionSettings.Build(options, UpkeepConnections, ConnectionSettings.MaintenanceTimeout, "tikr upkeep");
        _stuck = new StuckSessions(ConnectionSettings.Build(options, 1, options.OperationTimeout, "tikr watch"), options.Schema,
            client => Log.StuckEnded(Logger, client));
        LockSpace = ConnectionSettings.LockSpaceOf(options.Schema);
        Schema = Sql.Quote(options.Schema);
    }

    public TimescaleStoreOptions Options { get; }

    public TimeProvider Time { get; }

    /// <summary>The clock of waits for the server: the server keeps real time, whatever the clock of the data is.</summary>
    public static TimeProvider WaitClock => TimeProvider.System;

    public ILogger Logger { get; }

    /// <summary>Why the last write failed; null once one has succeeded again. The housekeeping writes every few seconds.</summary>
    public string? Trouble => _trouble.Reason;

    /// <summary>Whether nothing can be done any more.</summary>
    public bool IsClosed => _disposed;

    /// <summary>First number of every advisory lock: keeps stores of other schemas in the same database apart.</summary>
    public int LockSpace { get; }

    /// <summary>The schema, quoted.</summary>
    public string Schema { get; }

    /// <summary>Host, port and database, for messages.</summary>
    public string Server { get => field ??= ConnectionSettings.ServerOf(Options); }

    /// <summary>Runs an operation on a connection for writing, within the time that an operation may take.</summary>
    /// <exception cref="StoreUnavailableException">It failed; the caller may retry.</exception>
    public Task<T> WriteAsync<T>(string what, Func<NpgsqlConnection, CancellationToken, Task<T>> work, CancellationToken cancellation) =>
        NotingTroubleAsync(_writes, what, work, Options.OperationTimeout, cancellation);

    /// <summary>As <see cref="WriteAsync"/>, for what may take longer: changes of the schema, dropped chunks.</summary>
    public Task<T> MaintainAsync<T>(string what, Func<NpgsqlConnection, CancellationToken, Task<T>> work, CancellationToken cancellation) =>
        NotingTroubleAsync(_upkeep, what, work, ConnectionSettings.MaintenanceTimeout, cancellation);

    /// <summary>As <see cref="MaintainAsync"/>, with a connection that is kept: the work's to dispose of unless it throws.</summary>
    public Task<T> HoldAsync<T>(string what, Func<NpgsqlConnection, CancellationToken, Task<T>> work, CancellationToken cancellation) =>
        NotingTroubleAsync(_upkeep, what, work, Options.OperationTimeout, cancellation, keeps: true);

    /// <summary>
    /// As <see cref="WriteAsync"/>, for reading. A read whose connection turns out to be dead is tried again on a new one.
    /// </summary>
    public async Task<T> ReadAsync<T>(string what, Func<NpgsqlConnection, CancellationToken, Task<T>> work, CancellationToken cancellation)
    {
        try
        {
            return await RunAsync(_reads, what, work, Options.OperationTimeout, cancellation).ConfigureAwait(false);
        }
        catch (StoreUnavailableException e) when (e.InnerException is { } inner && Errors.IsLostConnection(inner))
        {
            return await RunAsync(_reads, what, work, Options.OperationTimeout, cancellation).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        await _stuck.DisposeAsync().ConfigureAwait(false);
        await _writes.DisposeAsync().ConfigureAwait(false);
        await _reads.DisposeAsync().ConfigureAwait(false);
        await _upkeep.DisposeAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _disposed = true;
        _stuck.Dispose();
        _writes.Dispose();
        _reads.Dispose();
        _upkeep.Dispose();
    }

    private async Task<T> NotingTroubleAsync<T>(
        NpgsqlDataSource source, string what, Func<NpgsqlConnection, CancellationToken, Task<T>> work,
            TimeSpan timeout, CancellationToken cancellation, bool keeps = false)
    {
        try
        {
            var result = await RunAsync(source, what, work, timeout, cancellation, keeps).ConfigureAwait(false);
            _trouble.Succeeded();
            return result;
        }
        catch (StoreUnavailableException e) when (!_disposed)
        {
            _trouble.Failed(e.Message);
            throw;
        }
    }

    private async Task<T> RunAsync<T>(
        NpgsqlDataSource source, string what, Func<NpgsqlConnection, CancellationToken, Task<T>> work,
            TimeSpan timeout, CancellationToken cancellation, bool keeps = false)
    {
        if (_disposed) throw Errors.Closed();
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        bounded.CancelAfter(timeout);
        var started = WaitClock.GetTimestamp();
        using var watched = _stuck.Begin();
        try
        {
            var connection = await source.OpenConnectionAsync(bounded.Token).ConfigureAwait(false);
            var kept = false;
            try
            {
                var result = await work(connection, bounded.Token).ConfigureAwait(false);
                kept = keeps;
                return result;
            }
            finally
            {
                if (!kept) await connection.DisposeAsync().ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw Errors.TimedOut(what, timeout, e);
        }
        catch (NpgsqlException e) when (e.InnerException is TimeoutException
            || (e.SqlState == PostgresErrorCodes.QueryCanceled && WaitClock.GetElapsedTime(started) >= timeout))
        {
            // The latter where the server's clock for the same time was faster than ours.
            throw Errors.TimedOut(what, timeout, e);
        }
        catch (Exception e) when (Errors.IsOfDatabase(e))
        {
            cancellation.ThrowIfCancellationRequested();

            // The other connections of the pool are most likely dead too: none of them is worth a failed operation.
            if (Errors.IsLostConnection(e)) source.Clear();
            throw Errors.Unavailable(what, e);
        }
        catch (ObjectDisposedException) when (_disposed)
        {
            throw Errors.Closed();
        }
    }
}
