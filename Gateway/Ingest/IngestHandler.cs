using System.Globalization;
using Grpc.Core;
using Microsoft.Extensions.Hosting;
using Tikr.Contracts;
using Tikr.Core.Wire;
using Tikr.Gateway.Bounds;
using Tikr.Gateway.Metrics;
using Tikr.Storage;

namespace Tikr.Gateway.Ingest;

/// <summary>
/// One IngestTicks call from its first message to its answer. The next message is read only when the last has been taken, so a client that
/// sends faster than ticks become durable is stalled by HTTP/2 flow control.
/// </summary>
internal sealed class IngestHandler(
    GatewayRuntime runtime, GatewayMetrics metrics, Refusals refusals, IHostApplicationLifetime lifetime)
{
    public async Task<IngestResponse> RunAsync(IAsyncStreamReader<TickMessage> messages, ServerCallContext call)
    {
        var pipeline = runtime.Pipeline ?? throw Errors.NotReady();
        using var session = new IngestSession(pipeline);

        // Without this link a graceful stop would wait for clients to end their streams until the host gives up.
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(call.CancellationToken, lifetime.ApplicationStopping);
        metrics.StreamOpened();
        try
        {
            while (await NextAsync(messages, session, ending.Token).ConfigureAwait(false))
                await session.AppendAsync(messages.Current, ending.Token).ConfigureAwait(false);
            await session.CompleteAsync().ConfigureAwait(false);
            return session.ToResponse();
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            throw await EndAsync(session, call, error).ConfigureAwait(false);
        }
        finally
        {
            metrics.StreamClosed();
        }
    }

    // While there is always a next message the stream may be behind its client; once there is none it is not.
    private static async ValueTask<bool> NextAsync(
        IAsyncStreamReader<TickMessage> messages, IngestSession session, CancellationToken cancellation)
    {
        await session.RoomAsync(cancellation).ConfigureAwait(false);
        var next = messages.MoveNext(cancellation);
        if (!next.IsCompleted) session.SetDrained(true);
        if (!await next.ConfigureAwait(false)) return false;
        session.SetDrained(false);
        return true;
    }

    // What was read before the end is stored and kept, and the client learns how much of it: in trailers, since there is no answer.
    private async Task<RpcException> EndAsync(IngestSession session, ServerCallContext call, Exception error)
    {
        try
        {
            await session.CompleteAsync().ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            error = failure;
        }

        var trailers = call.ResponseTrailers;
        trailers.Add("tikr-ticks-received", session.Durable.ToString(CultureInfo.InvariantCulture));
        trailers.Add("tikr-ticks-rejected", session.Rejections.Total.ToString(CultureInfo.InvariantCulture));
        foreach (var (reason, ticks) in session.Rejections.Counts)
            trailers.Add($"tikr-rejected-{reason.Replace('_', '-')}", ticks.ToString(CultureInfo.InvariantCulture));
        return error switch
        {
            RpcException rpc => rpc,
            MalformedMessageException malformed => Errors.Malformed(malformed.Message),
            LargeMessageException large => TooLarge(large.Message),
            StoreFullException full => Errors.StoreFull(full.Message),
            OperationCanceledException when call.CancellationToken.IsCancellationRequested => Errors.Cancelled(),
            OperationCanceledException when lifetime.ApplicationStopping.IsCancellationRequested => Errors.IngestStopping(),
            IOException => Errors.Cancelled(),
            _ => Errors.IngestFailed(error),
        };
    }

    private RpcException TooLarge(string text)
    {
        refusals.Note(RefusalReasons.MessageTooLarge, text);
        return new RpcException(new Status(StatusCode.ResourceExhausted, text));
    }
}
