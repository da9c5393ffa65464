namespace Tikr.Tests.Support.Otlp;

/// <summary>What a record holds; the words are those of decode.js.</summary>
public enum OtlpForm
{
    /// <summary>MetricsData, read as ExportMetricsServiceRequest too.</summary>
    MetricsData,

    /// <summary>A bare ResourceMetrics.</summary>
    ResourceMetrics,

    /// <summary>OTLP/JSON.</summary>
    Json,
}
