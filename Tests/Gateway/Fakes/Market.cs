using Tikr.Core.Rollup;
using Tikr.Core.Specs;

namespace Tikr.Tests.Gateway.Fakes;

/// <summary>The market series that most tests use.</summary>
internal static class Market
{
    public const long Second = 1_000_000_000;

    public static SeriesSpec Spec { get; } = new()
    {
        Series = "market_ticks",
        Dimensions = [new DimensionSpec("symbol"), new DimensionSpec("venue")],
        Metrics =
        [
            new MetricSpec("close", "price", FieldType.Int64, "last"),
            new MetricSpec("volume", "quantity", FieldType.Int64, "sum"),
            new MetricSpec("trades", null, FieldType.Int64, "count"),
        ],
        RollupNs = Second,
        RollupText = "1s",
    };

    public static SeriesModel Model { get; } = new(Spec);
}
