namespace Tikr.Core.Otlp;

/// <summary>How a published bar is written: <c>output.kafka.encoding</c> of a spec.</summary>
public enum BarEncoding
{
    /// <summary>
    /// OTLP <c>MetricsData</c> in protobuf, the same bytes as an <c>ExportMetricsServiceRequest</c>: what every OpenTelemetry consumer
    /// reads.
    /// </summary>
    Otlp,

    /// <summary>A bare OTLP <c>ResourceMetrics</c> in protobuf with the types and times that upstream sends.</summary>
    OtlpResourceMetrics,

    /// <summary>OTLP <c>MetricsData</c> as JSON.</summary>
    Json,
}

/// <summary>The words and content types of encodings.</summary>
public static class BarEncodings
{
    /// <summary>The encoding of a word of a spec: <c>otlp</c>, <c>otlp_resource_metrics</c> or <c>json</c>.</summary>
    /// <exception cref="ArgumentException">There is no such encoding.</exception>
    public static BarEncoding FromWord(string word) => word switch
    {
        "otlp" => BarEncoding.Otlp,
        "otlp_resource_metrics" => BarEncoding.OtlpResourceMetrics,
        "json" => BarEncoding.Json,
        _ => throw new ArgumentException(OtlpMessages.UnknownEncoding(word), nameof(word)),
    };

    /// <summary>The media type of its payloads.</summary>
    public static string ContentType(this BarEncoding encoding) =>
        encoding == BarEncoding.Json ? "application/json" : "application/x-protobuf";
}
