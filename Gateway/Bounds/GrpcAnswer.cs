using System.Globalization;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Tikr.Gateway.Bounds;

/// <summary>The status of a gRPC call, as HTTP/2 carries it.</summary>
internal static class GrpcAnswer
{
    private const string StatusHeader = "grpc-status", MessageHeader = "grpc-message";

    /// <summary>Answers a call that no method has begun to answer.</summary>
    public static void Write(HttpContext context, Status status)
    {
        context.Response.ContentType = "application/grpc";
        context.Response.Headers[StatusHeader] = ((int)status.StatusCode).ToString(CultureInfo.InvariantCulture);
        context.Response.Headers[MessageHeader] = Uri.EscapeDataString(status.Detail);
    }

    /// <summary>How a call ended; in its trailers, or in its headers where nothing else was answered.</summary>
    public static StatusCode CodeOf(HttpContext context)
    {
        if (context.Features.Get<IHttpResponseTrailersFeature>()?.Trailers is not { } trailers
            || !trailers.TryGetValue(StatusHeader, out var text)) text = context.Response.Headers[StatusHeader];
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var code)) return (StatusCode)code;
        return context.RequestAborted.IsCancellationRequested ? StatusCode.Cancelled : StatusCode.Unknown;
    }
}
