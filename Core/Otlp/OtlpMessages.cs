using Tikr.Core.Wire;

namespace Tikr.Core.Otlp;

/// <summary>The words for what cannot be written or read.</summary>
internal static class OtlpMessages
{
    public const string NotUtf8 = "A text of the payload is not valid Unicode.";

    public const string NoSeries =
        $"The payload has no resource attribute {OtlpScope.SeriesAttribute}, which names the series of a bar: another producer wrote it.";

    public const string NoPoints = "The payload holds no data point of a gauge or a sum, so no bar.";

    public static string UnknownEncoding(string word) =>
        $"Encoding '{word}' is unknown; use otlp, otlp_resource_metrics or json.";

    public static string OtherSeries(string series, int metrics, int values) =>
        $"The bar has {values} values, but series '{series}' has {metrics} metrics; "
            + $"encode it with the encoder of the spec that it was made under.";

    public static string OtherDimensions(string series, int expected, int given) =>
        $"The dimension set has {given} values, but series '{series}' has {expected} dimensions; take the set of the same series.";

    public static string NotProtobuf(WireFault fault, long offset) =>
        $"The payload is not OTLP in protobuf: at byte {offset} of a message in it {WireFaults.WhatIs(fault)}.";

    public static string NotJson(string problem) => $"The payload is not JSON: {problem}";

    public static string OtherJson(string member) =>
        $"The payload is not OTLP in JSON: '{member}' is not where, or not of the kind, that OTLP has it.";

    public static string TimeOutOfRange(ulong time) => $"The time {time} of a data point is beyond int64, which ends in the year 2262.";

    public static string DimensionNotText(string name) =>
        $"The attribute '{name}' of a data point is neither text nor an integer, so no dimension.";

    public static string DimensionTwice(string name) => $"The attribute '{name}' is twice in a data point.";

    public static string ForeignMetric(string name, string series) =>
        $"The metric '{name}' is none of series '{series}': its name does not begin with '{series}.'.";

    public static string MetricTwice(string name) => $"The metric '{name}' has two values in one bar.";

    public static string NoWholeValue(string name) => $"The metric '{name}' has no value that is an int64 or uint64.";

    public static string NoTickCount(string series) => $"A bar of series '{series}' has no tick count, or a negative one.";

    public static string BadRevision(long revision) => $"The revision {revision} of a bar is not from 0 to {int.MaxValue}.";

    public static string BadGranularity(long nanoseconds) =>
        $"The bucket length of {nanoseconds} ns is not positive, or ends the bucket beyond int64.";
}
