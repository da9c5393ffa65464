using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;

namespace Tikr.Gateway.Hosting;

/// <summary>Sends the metrics by OTLP, where an endpoint is given.</summary>
internal static class OtlpReader
{
    /// <summary>Added as a reader: the exporter's own extension adds services, for which it is too late once there are options.</summary>
    public static MeterProviderBuilder AddOtlp(this MeterProviderBuilder metrics, GatewayOptions gateway)
    {
        if (gateway.OtlpEndpoint is null) return metrics;
        // What is not set here, such as headers, the exporter takes from its own environment variables (OTEL_EXPORTER_OTLP_HEADERS).
        var exporter = new OtlpExporterOptions
        {
            Protocol = gateway.OtlpProtocol,
            Endpoint = AddressOf(gateway.OtlpEndpoint, gateway.OtlpProtocol)
        };
        return metrics.AddReader(
            new PeriodicExportingMetricReader(new OtlpMetricExporter(exporter), (int)gateway.OtlpInterval.TotalMilliseconds));
    }

    // By gRPC the method's path is added by the protocol; over HTTP the exporter takes an address that is set in code as it is.
    private static Uri AddressOf(Uri endpoint, OtlpExportProtocol protocol) =>
        protocol == OtlpExportProtocol.Grpc ? endpoint : new Uri($"{endpoint.AbsoluteUri.TrimEnd('/')}/v1/metrics");
}
