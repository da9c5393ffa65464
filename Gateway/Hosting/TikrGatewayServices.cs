using Grpc.AspNetCore.Server;
using Grpc.AspNetCore.Server.Model;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Tikr.Core.Delivery;
using Tikr.Core.Wire;
using Tikr.Gateway.Clock;
using Tikr.Gateway.Grpc;
using Tikr.Gateway.Http;
using Tikr.Gateway.Ingest;
using Tikr.Gateway.Metrics;
using Tikr.Gateway.Queries;
using Tikr.Storage;

namespace Tikr.Gateway.Hosting;

/// <summary>Registers the gateway.</summary>
public static class TikrGatewayServices
{
    /// <summary>
    /// Adds gRPC ingest and query, health, debug pages and metrics. Needs a store and, for open bars, Orleans. Idempotent.
    /// </summary>
    public static IServiceCollection AddTikrGateway(this IServiceCollection services, Action<GatewayOptions>? configure = null)
    {
        if (configure is not null) services.Configure(configure);
        if (services.Any(service => service.ServiceType == typeof(TikrService))) return services;

        services.AddSingleton(provider => provider.GetRequiredService<IOptions<GatewayOptions>>().Value);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<SeriesDirectory>();
        AddGrpcSurface(services);
        AddIngest(services);
        AddQueries(services);
        AddListeners(services);
        AddMetrics(services);
        services.AddSingleton<Readiness>();
        services.AddSingleton<ClockWatch>();
        services.AddSingleton<IDegradation>(provider => provider.GetRequiredService<ClockWatch>());
        services.AddHostedService(provider => provider.GetRequiredService<ClockWatch>());
        return services;
    }

    private static void AddGrpcSurface(IServiceCollection services)
    {
        services.AddGrpc().AddServiceOptions<TikrService>(_ => { });
        services.AddOptions<GrpcServiceOptions<TikrService>>().Configure<GatewayOptions>((grpc, gateway) =>
        {
            grpc.MaxReceiveMessageSize = gateway.MaxMessageBytes;
            grpc.MaxSendMessageSize = gateway.MaxMessageBytes;
        });
        services.AddSingleton<ServerClock>();
        services.AddSingleton<TikrService>();
        services.AddSingleton<IServiceMethodProvider<TikrService>, TikrMethods>();
        services.AddSingleton<HealthService>();
        services.AddSingleton<TikrReflection>();
        services.AddSingleton<TikrReflectionV1>();
    }

    private static void AddIngest(IServiceCollection services)
    {
        services.AddOptions<IngestOptions>().ValidateDataAnnotations().ValidateOnStart()
            .PostConfigure<IServiceProvider>(static (ingest, provider) => StayBelow(provider.GetService<CloseDelay>(), ingest));
        services.AddSingleton<TickMessagePool>();
        services.TryAddSingleton<LiveGateways>();
        services.TryAddSingleton<ResidentKeys>();
        services.AddSingleton<GatewayRuntime>();
        services.AddSingleton<IReadinessSource>(provider => provider.GetRequiredService<GatewayRuntime>());
        services.AddHostedService(provider => provider.GetRequiredService<GatewayRuntime>());
        services.AddSingleton<IngestHandler>();
        services.AddSingleton<IIngestMethod, IngestMethod>();
    }

    // Bars close after the delay in any case: what streams are waited for must still be delivered before.
    private static void StayBelow(CloseDelay? close, IngestOptions ingest)
    {
        if (close is not null && close.Longest * 0.75 < ingest.MaxStreamLag) ingest.MaxStreamLag = close.Longest * 0.75;
    }

    private static void AddQueries(IServiceCollection services)
    {
        services.AddSingleton<QueryCall>();
        services.AddSingleton<TickQueries>();
        services.AddSingleton<BarQueries>();
        services.TryAddSingleton<IOpenBars, GrainOpenBars>();
    }

    private static void AddListeners(IServiceCollection services)
    {
        services.AddSingleton<ConnectionDrain>();
        services.AddSingleton(provider => new TikrListeners(provider.GetRequiredService<ConnectionDrain>()));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<MatcherPolicy, TikrPortPolicy>());
        services.AddOptions<KestrelServerOptions>()
            .Configure<TikrListeners, GatewayOptions>((kestrel, listeners, options) => listeners.Listen(kestrel, options));
    }

    private static void AddMetrics(IServiceCollection services)
    {
        services.AddMetrics();
        services.AddSingleton<GatewayMetrics>();
        services.AddSingleton(provider => new GatewayTelemetry(provider.GetRequiredService<GatewayOptions>()));
    }
}
