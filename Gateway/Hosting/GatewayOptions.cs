using System.Net;
using OpenTelemetry.Exporter;

namespace Tikr.Gateway.Hosting;

/// <summary>Where the gateway listens and how much it takes.</summary>
public sealed class GatewayOptions
{
    /// <summary>Address to listen on: this machine only, unless said otherwise.</summary>
    public IPAddress Bind { get; set; } = IPAddress.Loopback;

    /// <summary>Port of gRPC (HTTP/2 without TLS); 0 takes a free one.</summary>
    public int GrpcPort { get; set; } = 9876;

    /// <summary>Port of health and debug pages; 0 takes a free one.</summary>
    public int HttpPort { get; set; } = 9877;

    /// <summary>Port of the Prometheus page; 0 takes a free one, null serves none.</summary>
    public int? MetricsPort { get; set; } = 9878;

    /// <summary>Largest message accepted or sent; bytes.</summary>
    public int MaxMessageBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>
    /// Most memory that the gateway holds on behalf of clients; null for a quarter of what the process may use. Bytes.
    /// </summary>
    public long? MemoryBytes { get; set; }

    /// <summary>Most connections of a listener at once.</summary>
    public int MaxConnections { get; set; } = 1024;

    /// <summary>How long a stop waits for clients to take their last answers before it breaks their connections.</summary>
    public TimeSpan DrainTime { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>URL that the metrics are sent to by OTLP; null sends none.</summary>
    public Uri? OtlpEndpoint { get; set; }

    /// <summary>How they are sent: by gRPC, or as protobuf over HTTP to <c>v1/metrics</c> below the URL.</summary>
    public OtlpExportProtocol OtlpProtocol { get; set; } = OtlpExportProtocol.Grpc;

    /// <summary>Time from one sending to the next.</summary>
    public TimeSpan OtlpInterval { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>service.name of the metrics.</summary>
    public string ServiceName { get; set; } = "tikr";

    /// <summary>Longest range of a query.</summary>
    public TimeSpan MaxQueryRange { get; set; } = TimeSpan.FromHours(24);
}
