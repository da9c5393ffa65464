namespace Tikr.Core.Ingest;

/// <summary>Why a tick is rejected: the words in answers, metrics and logs.</summary>
public static class RejectionReasons
{
    /// <summary>No spec declares the series.</summary>
    public const string UnknownSeries = "unknown_series";

    /// <summary>A dimension of the spec is absent.</summary>
    public const string MissingDimension = "missing_dimension";

    /// <summary>A dimension that the spec does not have.</summary>
    public const string UnknownDimension = "unknown_dimension";

    /// <summary>A dimension value is over the limit.</summary>
    public const string DimensionTooLong = "dimension_too_long";

    /// <summary>A dimension name or value is not UTF-8.</summary>
    public const string InvalidUtf8 = "invalid_utf8";

    /// <summary>A field that a metric reads is absent and the spec says reject.</summary>
    public const string MissingField = "missing_field";

    /// <summary>A field that no metric reads, and the spec says reject.</summary>
    public const string UnknownField = "unknown_field";

    /// <summary>Too old to be complete, too far ahead of the clock, or not representable in nanoseconds.</summary>
    public const string TimestampOutOfRange = "timestamp_out_of_range";

    /// <summary>The bar has closed and the spec drops late ticks.</summary>
    public const string TooLate = "too_late";

    /// <summary>The series holds as many keys as its spec allows.</summary>
    public const string CardinalityLimit = "cardinality_limit";

    /// <summary>Another dimension set has the same 128-bit hash.</summary>
    public const string DimensionHashCollision = "dimension_hash_collision";
}
