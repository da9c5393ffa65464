using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tikr.Gateway.Hosting;

namespace Tikr.Gateway.Http;

/// <summary>/healthz: the process lives. /readyz: it should get traffic, or why not; and what is degraded.</summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/healthz", () => Results.Text("ok\n")).OnPort(TikrPort.Http);
        routes.MapGet("/readyz", (Readiness readiness) =>
        {
            var answer = ReadyAnswer.Of(readiness);
            return Results.Json(
                answer, DebugJson.Options, statusCode: answer.Ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
        }).OnPort(TikrPort.Http);
    }
}
