using Grpc.Core;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tikr.Gateway.Ingest;
using Tikr.Gateway.Metrics;
using Tikr.Storage;

namespace Tikr.Gateway.Queries;

/// <summary>What every query has around it: counting, cancellation by the client or by a stopping server, and errors as statuses.</summary>
internal sealed class QueryCall(
    GatewayRuntime runtime, GatewayMetrics metrics, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<QueryCall> logger)
{
    /// <summary>Runs a query, which returns how many rows it answered.</summary>
    public async Task RunAsync(string type, string series, ServerCallContext call, Func<CancellationToken, Task<long>> query)
    {
        var started = time.GetTimestamp();
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(call.CancellationToken, lifetime.ApplicationStopping);
        try
        {
            // Before recovery has ended, the answer would lack bars.
            if (runtime.Pipeline is null) throw Errors.NotReady();
            var rows = await query(linked.Token).ConfigureAwait(false);
            metrics.QueryEnded(type, time.GetElapsedTime(started), rows);
        }
        catch (RpcException refused)
        {
            metrics.QueryFailed(type, refused.StatusCode.ToString());
            throw;
        }
        catch (Exception) when (call.CancellationToken.IsCancellationRequested)
        {
            metrics.QueryFailed(type, nameof(StatusCode.Cancelled));
            throw;
        }
        catch (Exception) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            metrics.QueryFailed(type, nameof(StatusCode.Unavailable));
            throw Errors.Stopping();
        }
        catch (StoreUnavailableException unavailable)
        {
            metrics.QueryFailed(type, nameof(StatusCode.Unavailable));
            throw Errors.StoreUnavailable(unavailable.Message);
        }
        catch (Exception failure)
        {
            metrics.QueryFailed(type, nameof(StatusCode.Internal));
            Log.QueryFailed(logger, failure, type, series);
            throw;
        }
    }
}
