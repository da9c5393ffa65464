using Grpc.Core;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tikr.Core.Time;
using Tikr.Gateway.Bounds;
using Tikr.Gateway.Ingest;
using Tikr.Gateway.Metrics;
using Tikr.Storage;

namespace Tikr.Gateway.Queries;

/// <summary>
/// What every query has around it: its place among the scans, its thread, counting, cancellation by the client or by a stopping server, and
/// errors as statuses.
/// </summary>
internal sealed class QueryCall(
    GatewayRuntime runtime, GatewayMetrics metrics, IHostApplicationLifetime lifetime, ScanSlots slots, ScanThreads threads,
    Refusals refusals, TimeProvider time, ILogger<QueryCall> logger)
{
    private readonly PacedLog<string> _pace = new(time);

    /// <summary>Where a query writes its rows.</summary>
    public RowWriter<T> RowsTo<T>(IServerStreamWriter<T> answers, long limit, ScanPlace place)
        where T : class => new(answers, limit, place, threads);

    /// <summary>Runs a query, which returns how many rows it answered.</summary>
    public async Task RunAsync(string type, string series, ServerCallContext call, Func<ScanPlace, Task<long>> query)
    {
        var started = time.GetTimestamp();
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(call.CancellationToken, lifetime.ApplicationStopping);
        try
        {
            // Before recovery has ended, the answer would lack bars.
            if (runtime.Pipeline is null) throw Errors.NotReady();
            var rows = await ScanAsync(call, query, linked.Token).ConfigureAwait(false);
            metrics.QueryEnded(type, time.GetElapsedTime(started), rows);
        }
        catch (Exception error)
        {
            var status = StatusOf(error, call);
            metrics.QueryFailed(type, status?.StatusCode.ToString() ?? nameof(StatusCode.Cancelled));
            if (status is null) throw;
            if (status.StatusCode == StatusCode.Internal && _pace.Next(type, 1) is { } times)
                Log.QueryFailed(logger, error, times, type, series);
            throw status;
        }
    }

    private async Task<long> ScanAsync(ServerCallContext call, Func<ScanPlace, Task<long>> query, CancellationToken cancellation)
    {
        using var place = await slots.TakeAsync(call, cancellation).ConfigureAwait(false);
        await threads.Here();
        try
        {
            cancellation.ThrowIfCancellationRequested();
            return await query(place).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (place.IsCut && !cancellation.IsCancellationRequested)
        {
            throw new AnswerNotTakenException(place.Waited);
        }
        finally
        {
            // What ends the call is none of the scan's.
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        }
    }

    // Null where the client has gone.
    private RpcException? StatusOf(Exception error, ServerCallContext call)
    {
        if (error is AnswerNotTakenException) return CutOff(error.Message, call);
        if (error is RpcException refused) return refused;
        if (call.CancellationToken.IsCancellationRequested) return null;
        if (lifetime.ApplicationStopping.IsCancellationRequested) return Errors.Stopping();
        return error is StoreUnavailableException ? Errors.StoreUnavailable(error.Message) : Errors.QueryFailed();
    }

    // What is buffered for the client goes at once: a status would queue behind it.
    private RpcException CutOff(string text, ServerCallContext call)
    {
        refusals.Note(RefusalReasons.AnswerNotTaken, text);
        call.GetHttpContext().Abort();
        return new RpcException(new Status(StatusCode.DeadlineExceeded, text));
    }
}
