namespace Tikr.Core.Otlp;

/// <summary>The words for what cannot be written or read.</summary>
internal static class OtlpMessages
{
    public static string UnknownEncoding(string word) =>
        $"Encoding '{word}' is unknown; use otlp, otlp_resource_metrics or json.";

    public static string OtherSeries(string series, int metrics, int values) =>
        $"The bar has {values} values, but series '{series}' has {metrics} metrics; encode it with the encoder of the spec that it was made under.";

    public static string OtherDimensions(string series, int expected, int given) =>
        $"The dimension set has {given} values, but series '{series}' has {expected} dimensions; take the set of the same series.";
}
