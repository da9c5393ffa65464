namespace Tikr.Core.Otlp;

/// <summary>
/// What a bar has beyond OTLP's data model travels as <c>Metric.metadata</c> (field 12, since OTLP 1.2), on the metric that holds the tick
/// count: metadata does not identify a time series, so no backend makes a label of it, and decoders that do not know it skip it.
/// </summary>
internal static class BarMetadata
{
    /// <summary>Least event time of the bar, Unix nanoseconds.</summary>
    public const string FirstTimestamp = "tikr.first_timestamp";

    /// <summary>Greatest event time of the bar, Unix nanoseconds.</summary>
    public const string LastTimestamp = "tikr.last_timestamp";

    /// <summary>Revision, where it is not 0.</summary>
    public const string Revision = "tikr.revision";

    /// <summary>Length of the bucket in nanoseconds, where start and time do not show it.</summary>
    public const string Granularity = "tikr.granularity_ns";

    /// <summary>On any metric whose value is above int64 and so a double: the exact uint64 in two's complement.</summary>
    public const string Bits = "tikr.bits";
}
