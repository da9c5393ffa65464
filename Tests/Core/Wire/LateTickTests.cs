using Tikr.Core.Specs;

namespace Tikr.Tests.Core.Wire;

public sealed class LateTickTests
{
    private const long Second = 1_000_000_000;

    // The last bucket whose end + grace the clock has reached ends a second before it.
    private const long FirstOpen = Feed.Now - Second;

    [Fact]
    public void Ticks_of_closed_buckets_are_taken_out_to_be_routed()
    {
        var message = Routing().DecodeResolved(
            Feed.Tick("A", time: FirstOpen), Feed.Tick(
                "B", time: FirstOpen - 1, price: -5, sequence: 8), Feed.Tick("C"), Feed.Tick("B", time: FirstOpen - (60 * Second)));
        Assert.Equal(4, message.Columns.Count);

        message.TakeLate();

        Assert.Equal((4, 2, 0L), (message.Ticks, message.Columns.Count, message.Rejections.Total));
        Assert.Equal([FirstOpen, Feed.Now], message.Columns.Times[..2]);
        Assert.Equal(["A", "C"], message.Keys[..2].Select(key => key.Dimensions.Values[0]));
        Assert.Equal((FirstOpen, Feed.Now), (message.MinTimeNs, message.MaxTimeNs));
        Assert.Equal([FirstOpen - 1, FirstOpen - (60 * Second)], message.Late.Select(tick => tick.TimeNs));
        var late = message.Late[0];
        Assert.Equal(("B", (ulong)FirstOpen - 1, 8u), (late.Key.Dimensions.Values[0], late.Timestamp, late.Sequence));
        Assert.Equal([-5, 7], late.Fields);
    }

    [Fact]
    public void A_message_of_late_ticks_alone_keeps_none_in_its_columns()
    {
        var message = Routing().DecodeResolved(Feed.Tick(time: FirstOpen - Second));
        message.TakeLate();
        Assert.Equal((0, 1), (message.Columns.Count, message.Ticks));
        message.Release();
    }

    [Fact]
    public void Timestamps_go_on_in_the_unit_they_were_sent_in()
    {
        var message = Routing(TimestampPrecision.Millisecond).DecodeResolved(Feed.Tick(time: (FirstOpen / 1_000_000) - 5));
        message.TakeLate();
        Assert.Equal((ulong)(FirstOpen / 1_000_000) - 5, Assert.Single(message.Late).Timestamp);
    }

    [Fact]
    public void Nothing_is_taken_out_where_late_ticks_revise()
    {
        var message = new Feed().DecodeResolved(Feed.Tick(time: FirstOpen - Second));
        message.TakeLate();
        Assert.Equal((1, 0), (message.Columns.Count, message.Late.Count));
    }

    private static Feed Routing(TimestampPrecision precision = TimestampPrecision.Nanosecond) =>
        new(Feed.Market() with { Late = LatePolicy.Route, LateTopic = "late", Precision = precision });
}
