using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Hosting;

namespace Tikr.Gateway.Hosting;

/// <summary>
/// Bounds how long clients can hold up a stop. Calls end with a status as soon as the stop begins, but a client that has stopped
/// reading never takes it; its connection is broken, so that the time left belongs to the last flush.
/// </summary>
internal sealed class ConnectionDrain : IDisposable
{
    private readonly ConcurrentDictionary<ConnectionContext, bool> _open = new();
    private readonly ITimer _timer;
    private readonly CancellationTokenRegistration _stopping;

    public ConnectionDrain(IHostApplicationLifetime lifetime, GatewayOptions options, TimeProvider time)
    {
        _timer = time.CreateTimer(_ => AbortAll(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _stopping = lifetime.ApplicationStopping.Register(() => _timer.Change(options.DrainTime, Timeout.InfiniteTimeSpan));
    }

    /// <summary>Runs a connection, known to the drain while it is open.</summary>
    public async Task RunAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        _open.TryAdd(connection, true);
        try
        {
            await next(connection).ConfigureAwait(false);
        }
        finally
        {
            _open.TryRemove(connection, out _);
        }
    }

    public void Dispose()
    {
        _stopping.Dispose();
        _timer.Dispose();
    }

    private void AbortAll()
    {
        foreach (var connection in _open.Keys)
            connection.Abort(new ConnectionAbortedException("The server is stopping and the client does not read."));
    }
}
