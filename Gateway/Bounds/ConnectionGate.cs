using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections;
using Tikr.Core.Memory;
using Tikr.Gateway.Hosting;

namespace Tikr.Gateway.Bounds;

/// <summary>Bounds the open connections of each listener; one too many is closed at once.</summary>
internal sealed class ConnectionGate(GatewayOptions options, MemoryBudget budget, Refusals refusals)
{
    private readonly ConcurrentDictionary<TikrPort, Counter> _open = new();

    /// <summary>Runs a connection, if there is room for it.</summary>
    public async Task RunAsync(TikrPort port, ConnectionContext connection, ConnectionDelegate next)
    {
        var open = _open.GetOrAdd(port, static _ => new Counter());
        try
        {
            if (Interlocked.Increment(ref open.Value) > options.MaxConnections)
            {
                refusals.Note(RefusalReasons.Connections, Errors.TooManyConnections(options.MaxConnections));
                connection.Abort(new ConnectionAbortedException(Errors.TooManyConnections(options.MaxConnections)));
                return;
            }

            connection.Features.Set(new ConnectionAccount(budget.WindowOf(options.MaxConnections)));
            await next(connection).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref open.Value);
        }
    }

    private sealed class Counter
    {
        public int Value;
    }
}
