using Google.Protobuf;
using Tikr.Contracts;
using Tikr.Core.Ingest;
using Tikr.Core.Specs;
using Tikr.Core.Wire;

namespace Tikr.Tests.Core.Wire;

public sealed class TickRejectionTests
{
    private const long Second = 1_000_000_000;

    [Fact]
    public void A_bad_tick_harms_only_itself()
    {
        var message = new Feed().Decode(Feed.Tick(), Feed.Tick(time: 0), Feed.Tick(sequence: 9));
        Assert.Equal((3, 2, 1L), (message.Received, message.Columns.Count, message.Rejections.Total));
        Assert.Equal(9u, message.Columns.Sequences[1]);
    }

    [Theory]
    [InlineData("elsewhere", "Series 'elsewhere' is not declared by any spec; declared are market.")]
    [InlineData("", "The message names no series; declared are market.")]
    public void Unknown_series_refuses_every_tick(string series, string text)
    {
        var message = new Feed().Decode(new IngestRequest { Series = series, Ticks = { Feed.Tick(time: 5), Feed.Tick() } });
        Assert.Null(message.Series);
        Assert.Equal((2, 2L), (message.Received, message.Rejections.Of(RejectionReasons.UnknownSeries)));
        var sample = message.Rejections.Samples[0];
        Assert.StartsWith(text, sample.Message, StringComparison.Ordinal);
        Assert.Equal((5UL, series), (sample.Timestamp, sample.Series));
        message.Release();
    }

    public static TheoryData<string, Action<TickData>, string> BadTicks => new()
    {
        { RejectionReasons.MissingDimension,    t => t.Dimensions.Remove("venue"),
            "Dimension 'venue' is missing: ticks of series 'market' carry symbol, venue" },
        { RejectionReasons.UnknownDimension,    t => t.Dimensions["colour"] = "red",
            "Dimension 'colour' (value 'red') is not one of series 'market'" },
        { RejectionReasons.DimensionTooLong,    t => t.Dimensions["symbol"] = new('x', 10_240),
            "Dimension 'symbol' has 10240 bytes ('xxxx" },
        { RejectionReasons.TimestampOutOfRange, t => t.TimestampNs = 0,
            "Timestamp 0 (1970-01-01T00:00:00.000Z) is before 2023-11-14T21:13:20.000Z" },
        { RejectionReasons.TimestampOutOfRange, t => t.TimestampNs = ulong.MaxValue,
            "Timestamp 18446744073709551615 (nanoseconds) lies beyond the year 2262" },
        { RejectionReasons.TimestampOutOfRange, t => t.TimestampNs = (ulong)Feed.Now + 10_000_000_001, "by more than max_future = 10 s" },
        { RejectionReasons.MissingField,        t => t.Fields.Remove("price"),
            "Field 'price' is missing, and series 'market' has missing_field: reject" },
        { RejectionReasons.UnknownField,        t => t.Fields["noise"] = 1,
            "Field 'noise' is read by no metric, and series 'market' has unknown_field: reject" },
    };

    [Theory]
    [MemberData(nameof(BadTicks))]
    public void What_is_wrong_is_named_with_value_rule_and_remedy(string reason, Action<TickData> spoil, string text)
    {
        var tick = Feed.Tick();
        spoil(tick);
        var feed = new Feed(Feed.Market() with { MissingField = MissingFieldPolicy.Reject, UnknownField = UnknownFieldPolicy.Reject });
        var message = feed.Decode(tick, Feed.Tick());
        Assert.Equal((1, 1L), (message.Columns.Count, message.Rejections.Of(reason)));
        var sample = Assert.Single(message.Rejections.Samples);
        Assert.Contains(text, sample.Message, StringComparison.Ordinal);
        Assert.True(sample.Message.Length < 500, sample.Message);
        Assert.Equal((reason, tick.TimestampNs, "market"), (sample.Reason, sample.Timestamp, sample.Series));
    }

    [Fact]
    public void Text_that_is_not_utf8_refuses_its_tick()
    {
        byte[] bad = [0xff, 0xfe];
        var feed = new Feed();
        Action<WireBytes>[] ticks =
        [
            tick => tick.Number(1, Feed.Now).Part(2, entry => entry.Text(1, "symbol").Block(2, bad)).Dimension("venue", "X"),
            tick => tick.Number(1, Feed.Now).Dimension("symbol", "A")
                .Dimension("venue", "X").Part(2, entry => entry.Block(1, bad).Text(2, "v")),
            tick => tick.Number(1, Feed.Now).Dimension("symbol", "A")
                .Dimension("venue", "X").Part(3, entry => entry.Block(1, bad).Number(2, 1)),
        ];
        foreach (var tick in ticks)
        {
            var message = feed.Decode(tick);
            Assert.Equal((0, 1L), (message.Columns.Count, message.Rejections.Of(RejectionReasons.InvalidUtf8)));
            Assert.Contains("is not valid UTF-8", message.Rejections.Samples[0].Message, StringComparison.Ordinal);
        }

        var named = feed.Decode(new WireBytes().Block(1, bad).Block(2, Feed.Tick().ToByteArray()).ToArray());
        Assert.Equal(1, named.Rejections.Of(RejectionReasons.InvalidUtf8));
    }

    [Fact]
    public void Empty_dimension_values_and_the_limits_of_the_time_window_are_allowed()
    {
        var feed = new Feed();
        var message = feed.Decode(Feed.Tick("", ""), Feed.Tick(time: Feed.Now + (10 * Second)),
            Feed.Tick(time: feed.Series.EarliestNs), Feed.Tick(new string('x', 1024)));
        Assert.Equal(4, message.Columns.Count);
        Assert.Equal(1, feed.Decode(Feed.Tick(time: feed.Series.EarliestNs - 1)).Rejections.Total);
    }

    [Theory]
    [InlineData(0, -1_200_000_001, 0)]
    [InlineData(0, -1_000_000_001, 0)]
    [InlineData(0, -1, 1)]
    [InlineData(199_999_900, -1, 1)]
    [InlineData(200_000_000, -1, 0)]
    [InlineData(200_000_000, 0, 1)]
    public void Late_drop_refuses_from_bucket_end_and_grace_on(long clock, long time, int accepted)
    {
        // Feed.Now is the start of a bucket.
        var feed = new Feed(Feed.Market() with { Late = LatePolicy.Drop });
        feed.Time.Advance(TimeSpan.FromTicks(clock / 100));
        var message = feed.Decode(Feed.Tick(time: Feed.Now + time));
        Assert.Equal((accepted, 1L - accepted), (message.Columns.Count, message.Rejections.Of(RejectionReasons.TooLate)));
    }

    [Fact]
    public void Refused_ticks_make_no_keys()
    {
        var feed = new Feed();
        feed.Decode(Feed.Tick("NEW", time: 0), Feed.Tick("NEWER", time: Feed.Now + Second * 3600));
        Assert.Equal(0, feed.Interner.Count);
    }

    [Fact]
    public void Ten_samples_are_kept_and_all_is_counted()
    {
        var message = new Feed().Decode([.. Enumerable.Range(0, 500).Select(i => Feed.Tick(time: i))]);
        Assert.Equal((500L, 10), (message.Rejections.Total, message.Rejections.Samples.Count));
        var stream = new RejectionTally();
        message.Rejections.MergeInto(stream);
        message.Rejections.MergeInto(stream);
        Assert.Equal((1000L, 10), (stream.Of(RejectionReasons.TimestampOutOfRange), stream.Samples.Count));
    }

    [Fact]
    public void Keys_refused_after_decoding_are_dropped_with_their_ticks()
    {
        var message = new Feed().Decode(
            Feed.Tick("A", time: Feed.Now - 1, price: 1), Feed.Tick("B", time: Feed.Now + 8), Feed.Tick(
                "C", time: Feed.Now - 2, price: 3, sequence: 4), Feed.Tick("B"));
        message.Unresolved[0].Resolve(1);
        message.Unresolved[1].Reject(RejectionReasons.DimensionHashCollision);
        message.Unresolved[2].Resolve(2);
        message.DropRejectedKeys();
        Assert.Equal((4, 2, 2L), (message.Received, message.Columns.Count, message.Rejections.Of(RejectionReasons.DimensionHashCollision)));
        Assert.Equal(["A", "C"], message.Keys.Take(2).Select(key => key.Dimensions.Values[0]));
        Assert.Equal([1, 3], message.Columns.Fields[0].Take(2));
        Assert.Equal(4u, message.Columns.Sequences[1]);
        Assert.Equal((Feed.Now - 2, Feed.Now - 1), (message.MinTimeNs, message.MaxTimeNs));
        Assert.Contains("symbol=B,venue=XNAS", message.Rejections.Samples[0].Message, StringComparison.Ordinal);
        Assert.All(message.Keys.Skip(2), Assert.Null);
    }

    [Fact]
    public void A_known_refusal_refuses_at_once_but_one_for_want_of_room_is_asked_again_after_a_second()
    {
        var feed = new Feed();
        var unusual = (WireBytes tick) => { tick.Dimension("venue", "XNAS").Dimension("symbol", "A").Number(1, Feed.Now); };
        feed.Decode(Feed.Tick("A")).Unresolved[0].Reject(RejectionReasons.CardinalityLimit);
        feed.Decode(Feed.Tick("B")).Unresolved[0].Reject(RejectionReasons.DimensionHashCollision);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(1, feed.Decode(Feed.Tick("A")).Rejections.Of(RejectionReasons.CardinalityLimit));
            Assert.Equal(1, feed.Decode(Feed.Tick("B")).Rejections.Of(RejectionReasons.DimensionHashCollision));
            Assert.Equal(1, feed.Decode(unusual).Rejections.Of(RejectionReasons.CardinalityLimit));
        }

        feed.Time.Advance(TimeSpan.FromSeconds(1.3));
        Assert.Equal(1, feed.Decode(Feed.Tick("B")).Rejections.Of(RejectionReasons.DimensionHashCollision));
        var again = feed.Decode(Feed.Tick("A"), Feed.Tick("A"));
        Assert.Equal(2, again.Columns.Count);
        var key = Assert.Single(again.Unresolved);
        Assert.Same(key, feed.Decode(unusual).Keys[0]);
        key.Resolve(7);
        Assert.Same(key, feed.Decode(Feed.Tick("A")).Keys[0]);
    }
}
