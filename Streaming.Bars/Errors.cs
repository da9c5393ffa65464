namespace Tikr.Streaming.Bars;

/// <summary>The words of this project's errors.</summary>
internal static class Errors
{
    public static string ReadOnly(StreamId stream) =>
        $"Stream {stream} holds bars that Tikr publishes, and an application can only subscribe to it. " +
        "Send ticks to Tikr, or publish events of your own through a provider of your own (AddKafkaStreams).";

    public static string NoMetric(Bar bar, string metric) =>
        $"The bar of {bar.Series} {bar.Key} has no value of metric '{metric}'; it has {string.Join(", ", bar.Metrics.Keys)}. " +
        "A metric is absent where no tick had its field: ask Metrics.TryGetValue where that may be.";
}
