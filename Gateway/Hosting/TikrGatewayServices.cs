using Grpc.AspNetCore.Server;
using Grpc.AspNetCore.Server.Model;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Tikr.Core.Delivery;
using Tikr.Core.Memory;
using Tikr.Core.Rollup;
using Tikr.Core.Wire;
using Tikr.Gateway.Bounds;
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
    private const int MostKeptTicks = 1 << 20;

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
        AddBounds(services);
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

    private static void AddBounds(IServiceCollection services)
    {
        services.AddSingleton(provider => new MemoryBudget(
            provider.GetRequiredService<GatewayOptions>().MemoryBytes ?? MemoryBudget.AvailableBytes / 4));
        services.AddSingleton<Refusals>();
        services.AddSingleton<IDegradation>(provider => provider.GetRequiredService<Refusals>());
        services.AddSingleton<ConnectionGate>();
        services.AddSingleton<CallGuard>();
    }

    private static void AddGrpcSurface(IServiceCollection services)
    {
        services.AddGrpc();
        BoundMessages<TikrService>(services);
        BoundMessages<HealthService>(services);
        BoundMessages<TikrReflection>(services);
        BoundMessages<TikrReflectionV1>(services);
        services.AddSingleton<ServerClock>();
        services.AddSingleton<TikrService>();
        services.AddSingleton<IServiceMethodProvider<TikrService>, TikrMethods>();
        services.AddSingleton<HealthService>();
        services.AddSingleton<TikrReflection>();
        services.AddSingleton<TikrReflectionV1>();
    }

    private static void BoundMessages<T>(IServiceCollection services)
        where T : class =>
        services.AddOptions<GrpcServiceOptions<T>>().Configure<GatewayOptions, MemoryBudget, Refusals>((grpc, gateway, budget, refusals) =>
        {
            grpc.MaxReceiveMessageSize = gateway.MaxMessageBytes;
            grpc.MaxSendMessageSize = gateway.MaxMessageBytes;
            grpc.CompressionProviders = [.. BoundedCompression.All(budget, gateway, refusals)];
        });

    private static void AddIngest(IServiceCollection services)
    {
        services.AddOptions<IngestOptions>().ValidateDataAnnotations().ValidateOnStart()
            .PostConfigure<IServiceProvider>(static (ingest, provider) => StayBelow(provider.GetService<CloseDelay>(), ingest))
            .PostConfigure<MemoryBudget, IReadOnlyList<SeriesModel>>(static (ingest, budget, models) =>
                ingest.MaxUncommittedTicks = (int)Math.Min(ingest.MaxUncommittedTicks, TicksIn(budget.UncommittedBytes / 2, models)));
        services.AddSingleton(provider => new TickMessagePool((int)Math.Min(MostKeptTicks, TicksIn(
            provider.GetRequiredService<MemoryBudget>().UncommittedBytes / 4, provider.GetRequiredService<IReadOnlyList<SeriesModel>>()))));
        services.TryAddSingleton<LiveGateways>();
        services.TryAddSingleton<ResidentKeys>();
        services.AddSingleton<GatewayRuntime>();
        services.AddSingleton<IReadinessSource>(provider => provider.GetRequiredService<GatewayRuntime>());
        services.AddHostedService(provider => provider.GetRequiredService<GatewayRuntime>());
        services.AddSingleton<IngestHandler>();
        services.AddSingleton<IIngestMethod, IngestMethod>();
    }

    // Of the series whose ticks take most.
    private static long TicksIn(long bytes, IReadOnlyList<SeriesModel> models) =>
        Math.Max(1, bytes / models.Select(model => model.TickBytes + sizeof(long)).DefaultIfEmpty(sizeof(long)).Max());

    // Bars close after the delay in any case: what streams are waited for must still be delivered before.
    private static void StayBelow(CloseDelay? close, IngestOptions ingest)
    {
        if (close is not null && close.Longest * 0.75 < ingest.MaxStreamLag) ingest.MaxStreamLag = close.Longest * 0.75;
    }

    private static void AddQueries(IServiceCollection services)
    {
        services.AddSingleton<ScanThreads>();
        services.AddSingleton<ScanSlots>();
        services.AddSingleton<QueryCall>();
        services.AddSingleton<TickQueries>();
        services.AddSingleton<BarQueries>();
    }

    private static void AddListeners(IServiceCollection services)
    {
        services.AddSingleton<ConnectionDrain>();
        services.AddSingleton(provider => new TikrListeners(
            provider.GetRequiredService<ConnectionDrain>(), provider.GetRequiredService<ConnectionGate>()));
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
