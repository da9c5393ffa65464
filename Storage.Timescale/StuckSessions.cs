using System.Collections.Concurrent;
using Npgsql;

namespace Tikr.Storage.Timescale;

/// <summary>
/// Ends sessions of silos that hang while others wait for their locks. The server's own time-outs do not: one for statements or whole
/// transactions is not heeded while a COPY waits for its client, and one for idle transactions says nothing of a COPY. So whoever waits
/// for long looks who it is that it waits for, and whether that one's client has nothing to say. What is ended fails like any operation
/// whose connection broke. Sessions are known by their application's name: others are never ended.
/// </summary>
internal sealed class StuckSessions : IAsyncDisposable, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500), Pause = TimeSpan.FromMilliseconds(250);

    private readonly ConcurrentDictionary<long, long> _began = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly NpgsqlDataSource _source;
    private readonly Action<string> _ended;
    private readonly string[] _applications;
    private HashSet<(int Pid, DateTime Since)> _seen = [];
    private long _last;
    private int _looks;
    private Task _looking = Task.CompletedTask;

    /// <param name="source">Connections of its own: it is needed when all others wait.</param>
    /// <param name="schema">The schema, which the names of its silos' sessions end with.</param>
    /// <param name="ended">Hears where the client is of a session that was ended.</param>
    public StuckSessions(NpgsqlDataSource source, string schema, Action<string> ended)
    {
        (_source, _ended) = (source, ended);
        _applications = [$"tikr write {schema}", $"tikr read {schema}", $"tikr upkeep {schema}"];
    }

    /// <summary>
    /// Those that some session of this schema waits for, while their client has been silent: between two statements, or in one (a COPY).
    /// Changes of the schema and retention take longer between their statements.
    /// </summary>
    private const string Find = """
        SELECT DISTINCT b.pid, coalesce(b.state_change, b.backend_start), b.state = 'active',
            coalesce(host(b.client_addr), 'local') || ':' || coalesce(b.client_port, 0)
        FROM pg_stat_activity AS w CROSS JOIN LATERAL unnest(pg_blocking_pids(w.pid)) AS p (pid)
        JOIN pg_stat_activity AS b ON b.pid = p.pid
        WHERE w.datname = current_database() AND w.application_name = ANY ($1) AND w.wait_event_type = 'Lock'
            AND b.datname = current_database() AND b.usename = current_user AND b.application_name = ANY ($1)
            AND b.wait_event_type = 'Client' AND b.state <> 'idle' AND b.state_change < clock_timestamp()
                - CASE WHEN b.application_name LIKE 'tikr upkeep %' THEN interval '3 s' ELSE interval '500 ms' END
        """;

    /// <summary>An operation begins; it ends when the answer is disposed.</summary>
    public Operation Begin()
    {
        var id = Interlocked.Increment(ref _last);
        _began[id] = TimescaleDatabase.WaitClock.GetTimestamp();
        if (Interlocked.CompareExchange(ref _looks, 1, 0) == 0) _looking = Task.Run(LookAsync);
        return new Operation(_began, id);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _looking.ConfigureAwait(false);
        await _source.DisposeAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stop.Cancel();
        _source.Dispose();
    }

    private async Task LookAsync()
    {
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                await Task.Delay(Pause, TimescaleDatabase.WaitClock, _stop.Token).ConfigureAwait(false);
                if (!_began.IsEmpty && IsLong()) await TryEndAsync().ConfigureAwait(false);
                if (!_began.IsEmpty) continue;
                Volatile.Write(ref _looks, 0);
                if (_began.IsEmpty || Interlocked.CompareExchange(ref _looks, 1, 0) != 0) return;
            }
        }
        catch (OperationCanceledException)
        {
            // The store closes.
        }
    }

    private bool IsLong() => _began.Values.Any(began => TimescaleDatabase.WaitClock.GetElapsedTime(began) >= Patience);

    private async Task TryEndAsync()
    {
        try
        {
            var connection = await _source.OpenConnectionAsync(_stop.Token).ConfigureAwait(false);
            await using var connectionEnd = connection.ConfigureAwait(false);
            var found = await connection.Command(Find).With(_applications).ListAsync(reader => (
                Session: (Pid: reader.GetInt32(0), Since: reader.GetDateTime(1)),
                IsActive: reader.GetBoolean(2),
                Client: reader.GetString(3)),
                _stop.Token).ConfigureAwait(false);
            foreach (var (session, isActive, client) in found)
            {
                // A long COPY that is under way waits for its client for moments: only one that does so twice in a row is stuck.
                if (isActive && !_seen.Contains(session)) continue;
                await connection.Command("SELECT pg_terminate_backend($1)").With(session.Pid).ScalarAsync<bool>(_stop.Token)
                    .ConfigureAwait(false);
                _ended(client);
            }

            _seen = [.. found.Select(one => one.Session)];
        }
        catch (Exception e) when (Errors.IsOfDatabase(e) || e is ObjectDisposedException)
        {
            // Whoever waits runs into its own time-out; the next look may succeed.
        }
    }

    /// <summary>An operation under way.</summary>
    internal readonly struct Operation(ConcurrentDictionary<long, long> began, long id) : IDisposable
    {
        public void Dispose() => began.TryRemove(id, out _);
    }
}
