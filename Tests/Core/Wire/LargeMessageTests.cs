using Tikr.Core.Specs;

namespace Tikr.Tests.Core.Wire;

/// <summary>A few bytes on the wire can stand for ticks of many fields.</summary>
public sealed class LargeMessageTests
{
    private static readonly SeriesSpec Wide = Feed.Market() with
    {
        Metrics = [.. Enumerable.Range(0, 64).Select(i => new MetricSpec($"m{i}", $"f{i}", FieldType.Int64, "sum"))],
    };

    [Fact]
    public void A_message_whose_ticks_would_take_too_much_is_not_decoded()
    {
        var feed = new Feed(Wide, maxDecodedBytes: 100_000);
        var tick = Feed.Tick();
        tick.Fields.Clear();

        var fits = feed.Decode([.. Enumerable.Repeat(tick, 190)]);
        var large = feed.Decode([.. Enumerable.Repeat(tick, 200)]);

        Assert.Equal((190, (string?)null), (fits.Columns.Count, fits.TooLarge));
        Assert.Equal((0, 0, 0), (large.Columns.Count, large.Received, large.Capacity));
        Assert.StartsWith(
            "The message brings 200 ticks of series 'market', of 524 bytes each in memory: at most 190 are taken at once.",
            large.TooLarge, StringComparison.Ordinal);
        large.Release();
    }
}
