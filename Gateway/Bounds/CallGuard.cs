using Grpc.AspNetCore.Server;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Tikr.Core.Memory;
using Tikr.Gateway.Hosting;
using Tikr.Gateway.Metrics;

namespace Tikr.Gateway.Bounds;

/// <summary>
/// Stands around every gRPC call of ours: lets it in if there is room, bounds what it may send without finishing a message, and counts it
/// if it ends with an error.
/// </summary>
internal sealed class CallGuard(
    MemoryBudget budget, GatewayOptions options, Refusals refusals, GatewayMetrics metrics, TimeProvider time)
{
    private readonly MessageLimits _limits = new(budget.Undecoded, options, refusals, time);

    /// <summary>Runs a call.</summary>
    public async Task RunAsync(HttpContext context, RequestDelegate next)
    {
        // Without listeners of ours there is no account of the connection.
        var account = context.Features.Get<ConnectionAccount>() ?? new ConnectionAccount(budget.WindowOf(options.MaxConnections));
        var isOwn = account.OpenCall();
        var isShared = !isOwn && budget.Calls.TryTake(MemoryBudget.CallBytes);
        try
        {
            if (isOwn || isShared) await RunBoundedAsync(context, account, next).ConfigureAwait(false);
            else Refuse(context);
        }
        finally
        {
            account.CloseCall();
            if (isShared) budget.Calls.Return(MemoryBudget.CallBytes);
            if (GrpcAnswer.CodeOf(context) is var code and not StatusCode.OK) metrics.CallFailed(MethodOf(context), code.ToString());
        }
    }

    private async Task RunBoundedAsync(HttpContext context, ConnectionAccount account, RequestDelegate next)
    {
        using var reader = new MessageReader(context.Request.BodyReader, account, _limits);
        context.Features.Set<IRequestBodyPipeFeature>(reader);
        await next(context).ConfigureAwait(false);
    }

    private void Refuse(HttpContext context)
    {
        var text = Errors.TooManyCalls(budget.Calls.LimitBytes / MemoryBudget.CallBytes);
        refusals.Note(RefusalReasons.Calls, text);
        GrpcAnswer.Write(context, new Status(StatusCode.ResourceExhausted, text));
    }

    // The path is the client's to choose, and would fill the metrics.
    private static string MethodOf(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<GrpcMethodMetadata>()?.Method.FullName.TrimStart('/') ?? "unknown";
}

internal static class CallGuardConventions
{
    /// <summary>Puts the guard around endpoints of gRPC.</summary>
    public static TBuilder Guarded<TBuilder>(this TBuilder builder, CallGuard guard)
        where TBuilder : IEndpointConventionBuilder
    {
        builder.Add(endpoint =>
        {
            var next = endpoint.RequestDelegate!;
            endpoint.RequestDelegate = context => guard.RunAsync(context, next);
        });
        return builder;
    }
}
