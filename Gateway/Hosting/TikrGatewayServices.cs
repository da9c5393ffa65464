using Grpc.AspNetCore.Server.Model;
using Grpc.Health.V1;
using Grpc.Reflection;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using Tikr.Core.Wire;
using Tikr.Gateway.Grpc;
using Tikr.Gateway.Http;
using Tikr.Gateway.Ingest;
using Tikr.Gateway.Metrics;
using Tikr.Gateway.Queries;
using Tikr.Grains;
using Tikr.Storage;
using GrpcService = Google.Protobuf.Reflection.ServiceDescriptor;

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
        return services;
    }

    private static void AddGrpcSurface(IServiceCollection services)
    {
        services.AddGrpc();
        services.AddOptions<global::Grpc.AspNetCore.Server.GrpcServiceOptions>().Configure<GatewayOptions>((grpc, gateway) =>
        {
            grpc.MaxReceiveMessageSize = gateway.MaxMessageBytes;
            grpc.MaxSendMessageSize = gateway.MaxMessageBytes;
        });
        services.AddSingleton<ServerClock>();
        services.AddSingleton<TikrService>();
        services.AddSingleton<IServiceMethodProvider<TikrService>, TikrMethods>();
        services.AddSingleton<HealthService>();

        // Reflection finds services by the base class that the compiler generates, which ours has not: they are named instead.
        // An application that serves more adds its own descriptors.
        services.AddGrpcReflection();
        services.AddSingleton(TikrDescriptor);
        services.AddSingleton(Health.Descriptor);
        services.AddSingleton(provider => new ReflectionServiceImpl(provider.GetServices<GrpcService>()));
        services.AddSingleton(provider => new ReflectionV1ServiceImpl(provider.GetServices<GrpcService>()));
    }

    private static GrpcService TikrDescriptor => Contracts.TikrReflection.Descriptor.FindTypeByName<GrpcService>("Tikr");

    private static void AddIngest(IServiceCollection services)
    {
        services.AddOptions<IngestOptions>().ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<TickMessagePool>();
        services.AddSingleton<GatewayWatermark>();
        services.AddSingleton<IGatewayWatermark>(provider => provider.GetRequiredService<GatewayWatermark>());
        services.AddSingleton<CoverageInbox>();
        services.AddSingleton<ICoverageSink>(provider => provider.GetRequiredService<CoverageInbox>());
        services.AddSingleton<GatewayRuntime>();
        services.AddSingleton<IReadinessSource>(provider => provider.GetRequiredService<GatewayRuntime>());
        services.AddHostedService(provider => provider.GetRequiredService<GatewayRuntime>());
        services.AddSingleton<IngestHandler>();
        services.AddSingleton<IIngestMethod, IngestMethod>();
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
        services.Replace(ServiceDescriptor.Singleton<IMemoryPoolFactory<byte>, ReceiveBlockFactory>());
        services.AddOptions<KestrelServerOptions>()
            .Configure<TikrListeners, GatewayOptions>((kestrel, listeners, options) => listeners.Listen(kestrel, options));
    }

    private static void AddMetrics(IServiceCollection services)
    {
        services.AddMetrics();
        services.AddSingleton<GatewayMetrics>();
        services.AddOpenTelemetry().WithMetrics(metrics => metrics
            .AddMeter(GatewayMetrics.MeterName, $"{GatewayMetrics.MeterName}.*", "Microsoft.Orleans")
            .AddAspNetCoreInstrumentation()
            .AddRuntimeInstrumentation()
            .AddPrometheusExporter());
        services.ConfigureOpenTelemetryMeterProvider((provider, metrics) =>
        {
            var options = provider.GetRequiredService<GatewayOptions>();
            metrics.ConfigureResource(resource => resource.AddService(options.ServiceName, serviceVersion: TikrVersion.Text))
                .AddOtlp(options);
        });
    }
}
