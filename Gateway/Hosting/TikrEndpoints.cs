using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Tikr.Gateway.Bounds;
using Tikr.Gateway.Grpc;
using Tikr.Gateway.Http;

namespace Tikr.Gateway.Hosting;

/// <summary>Maps what the gateway serves.</summary>
public static class TikrEndpoints
{
    /// <summary>Maps gRPC, health, debug and metrics, each on its own port.</summary>
    public static TBuilder MapTikr<TBuilder>(this TBuilder routes)
        where TBuilder : IEndpointRouteBuilder
    {
        CompositionCheck.Run(routes.ServiceProvider);
        var guard = routes.ServiceProvider.GetRequiredService<CallGuard>();
        routes.MapGrpcService<TikrService>().OnPort(TikrPort.Grpc).Guarded(guard);
        routes.MapGrpcService<HealthService>().OnPort(TikrPort.Grpc).Guarded(guard);
        routes.MapGrpcService<TikrReflection>().OnPort(TikrPort.Grpc).Guarded(guard);
        routes.MapGrpcService<TikrReflectionV1>().OnPort(TikrPort.Grpc).Guarded(guard);
        routes.MapHealth();
        routes.MapDebug();
        var telemetry = routes.ServiceProvider.GetRequiredService<GatewayTelemetry>();
        if (routes.ServiceProvider.GetRequiredService<GatewayOptions>().MetricsPort is not null)
        {
            routes.MapPrometheusScrapingEndpoint("/metrics", telemetry.Provider, configureBranchedPipeline: null, optionsName: null)
                .OnPort(TikrPort.Metrics);
        }

        return routes;
    }
}
