using Tikr.Core.Rollup;
using Tikr.Core.Specs;

namespace Tikr.Tests.Support.Memory;

/// <summary>The series of the grain tests.</summary>
public static class TestSeries
{
    /// <summary>One second.</summary>
    public const long Second = 1_000_000_000;

    /// <summary>
    /// A series whose sum of <c>bit</c> tells which ticks are in a bar, and whose first and last of <c>value</c> depend on their order.
    /// </summary>
    public static SeriesModel Model(string name = "market", DedupPolicy dedup = DedupPolicy.None, long rollupNs = Second) =>
        new(new SeriesSpec
        {
            Series = name,
            Dimensions = [new DimensionSpec("symbol")],
            Metrics =
        [
            new MetricSpec("bits", "bit", FieldType.Int64, "sum"),
            new MetricSpec("open", "value", FieldType.Int64, "first"),
            new MetricSpec("high", "value", FieldType.Int64, "max"),
            new MetricSpec("low", "value", FieldType.Int64, "min"),
            new MetricSpec("close", "value", FieldType.Int64, "last"),
            new MetricSpec("ticks", null, FieldType.Int64, "count"),
        ],
            RollupNs = rollupNs,
            RollupText = "1s",
            Dedup = dedup,
            Kafka = new KafkaOutputSpec("bars", "otlp", FailurePolicy.Spool),
        });
}
