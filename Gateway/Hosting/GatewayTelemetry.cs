using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using Tikr.Gateway.Grpc;
using Tikr.Gateway.Metrics;

namespace Tikr.Gateway.Hosting;

/// <summary>
/// Collects the metrics that the gateway shows and sends: a provider of its own, so that an application's own OpenTelemetry keeps its
/// resource, its exporters and its choice of instruments.
/// </summary>
public sealed class GatewayTelemetry : IDisposable
{
    internal GatewayTelemetry(GatewayOptions options) => Provider = Sdk.CreateMeterProviderBuilder()
        .ConfigureResource(resource => resource.AddService(options.ServiceName, serviceVersion: TikrVersion.Text))
        .AddMeter(GatewayMetrics.MeterName, $"{GatewayMetrics.MeterName}.*", "Microsoft.Orleans")
        .AddAspNetCoreInstrumentation()
        .AddRuntimeInstrumentation()
        .AddPrometheusExporter()
        .AddOtlp(options)
        .Build();

    /// <summary>The provider behind the Prometheus page and the OTLP exporter.</summary>
    public MeterProvider Provider { get; }

    /// <summary>Sends what is left and ends.</summary>
    public void Dispose() => Provider.Dispose();
}
