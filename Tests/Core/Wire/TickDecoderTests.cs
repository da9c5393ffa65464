using Google.Protobuf;
using Tikr.Contracts;
using Tikr.Core.Specs;

namespace Tikr.Tests.Core.Wire;

public sealed class TickDecoderTests
{
    [Fact]
    public void Ticks_become_columns()
    {
        var feed = new Feed();
        var message = feed.Decode(
            Feed.Tick("AAPL", time: Feed.Now - 5, price: 100, quantity: 1, sequence: 3),
            Feed.Tick("MSFT", time: Feed.Now - 9, price: -200, quantity: 2),
            Feed.Tick("AAPL", time: Feed.Now + 1, price: long.MinValue, quantity: -1, sequence: uint.MaxValue));
        Assert.Equal((3, 3, 0L), (message.Received, message.Columns.Count, message.Rejections.Total));
        Assert.Equal([Feed.Now - 5, Feed.Now - 9, Feed.Now + 1], message.Columns.Times.Take(3));
        Assert.Equal([3, 0, uint.MaxValue], message.Columns.Sequences.Take(3));
        Assert.Equal([100, -200, long.MinValue], message.Columns.Fields[0].Take(3));
        Assert.Equal([1, 2, -1], message.Columns.Fields[1].Take(3));
        Assert.Same(message.Keys[0], message.Keys[2]);
        Assert.Equal(["MSFT", "XNAS"], message.Keys[1].Dimensions.Values);
        Assert.Equal([message.Keys[0], message.Keys[1]], message.Unresolved);
        Assert.Equal((Feed.Now - 9, Feed.Now + 1), (message.MinTimeNs, message.MaxTimeNs));
    }

    [Fact]
    public void Series_may_follow_its_ticks_and_the_last_one_counts()
    {
        var tick = Feed.Tick().ToByteArray();
        var message = new Feed().Decode(new WireBytes().Text(1, "other").Block(2, tick).Text(1, "market").ToArray());
        Assert.Equal((1, 0L), (message.Columns.Count, message.Rejections.Total));
    }

    [Fact]
    public void Dimensions_apart_from_each_other_and_in_any_order_are_one_key()
    {
        var feed = new Feed();
        var usual = feed.Decode(Feed.Tick()).Keys[0];
        Action<WireBytes>[] encodings =
        [
            tick => tick.Dimension("venue", "XNAS").Number(1, Feed.Now).Dimension("symbol", "AAPL"),
            tick => tick.Dimension("venue", "XNAS").Dimension("symbol", "AAPL").Number(1, Feed.Now),
            tick => tick.Number(1, Feed.Now).Dimension("symbol", "WRONG").Dimension("venue", "XNAS").Dimension("symbol", "AAPL"),
            tick => tick.Number(1, Feed.Now).Part(2, entry => entry.Text(2, "AAPL").Text(1, "symbol")).Dimension("venue", "XNAS"),
            tick => tick.Number(1, Feed.Now)
                .Part(2, entry => entry.Text(1, "symbol").Number(9, 4).Text(2, "AAPL")).Dimension("venue", "XNAS"),
            tick => tick.Number(1, Feed.Now).Tag(2, 2, atLeast: 3).Varint(14, atLeast: 4)
                .Text(1, "symbol").Text(2, "AAPL").Dimension("venue", "XNAS"),
        ];
        foreach (var encoding in encodings)
        {
            // The first time normalises, the second finds the raw bytes where they are remembered.
            Assert.Same(usual, feed.Decode(encoding).Keys[0]);
            Assert.Same(usual, feed.Decode(encoding).Keys[0]);
        }

        Assert.Equal(1, feed.Interner.Count);
    }

    [Fact]
    public void Absent_keys_and_values_of_map_entries_are_empty()
    {
        var feed = new Feed(Feed.Market("", "venue"));
        var message = feed.Decode(
            tick => tick.Number(1, Feed.Now).Part(2, entry => entry.Text(2, "named by nothing")).Part(2, entry => entry.Text(1, "venue"))
            .Part(3, entry => entry.Text(1, "price")).Field("quantity", 5));
        Assert.Equal(["named by nothing", ""], message.Keys[0].Dimensions.Values);
        Assert.Equal((0, 5), (message.Columns.Fields[0][0], message.Columns.Fields[1][0]));
    }

    [Fact]
    public void Names_and_values_cannot_be_shifted_into_each_other()
    {
        var feed = new Feed();
        var message = feed.Decode(Feed.Tick("AA\0venue=Y", ""), Feed.Tick("AA", "Y"),
            Feed.Tick("AA\0venue=Y\0", ""), Feed.Tick("", "AA\0venue=Y"), Feed.Tick("AAY", ""));
        Assert.Equal(5, message.Keys.Take(5).Distinct().Count());
        Assert.Equal(5, message.Keys.Take(5).Select(key => key.Dimensions.Hash).Distinct().Count());
        Assert.Equal(["AA\0venue=Y", ""], message.Keys[0].Dimensions.Values);
    }

    [Theory]
    [InlineData(MissingFieldPolicy.Zero, 0, 1)]
    [InlineData(MissingFieldPolicy.Skip, 0b01, 0)]
    public void Missing_fields_are_zero_even_in_reused_columns(MissingFieldPolicy policy, int present, long zeroFilled)
    {
        var feed = new Feed(Feed.Market() with { MissingField = policy });
        feed.Decode(Feed.Tick(price: 11, quantity: 22)).Release();
        var tick = Feed.Tick(price: 33);
        tick.Fields.Remove("quantity");
        var message = feed.Decode(tick);
        Assert.Equal((33, 0), (message.Columns.Fields[0][0], message.Columns.Fields[1][0]));
        Assert.Equal((ulong)present, message.Columns.Present?[0] ?? 0);
        Assert.Equal(zeroFilled, message.ZeroFilled);
    }

    [Fact]
    public void Fields_taken_as_zero_are_counted_by_column_and_not_for_rejected_ticks()
    {
        Contracts.TickData[] ticks = [Feed.Tick(), Feed.Tick(), Feed.Tick(), Feed.Tick(time: 0)];
        ticks[0].Fields.Remove("price");
        ticks[1].Fields.Clear();
        ticks[3].Fields.Clear();
        var feed = new Feed();
        var message = feed.Decode(ticks);

        Assert.Equal(3, message.ZeroFilled);
        Assert.Equal([2, 1], message.ZeroFilledByColumn);
        message.Release();
        var next = feed.Decode(Feed.Tick());
        Assert.Same(message, next);
        Assert.Equal(0, next.ZeroFilled);
        Assert.Equal([0, 0], next.ZeroFilledByColumn);
    }

    [Fact]
    public void Unknown_fields_are_counted_but_not_the_one_that_a_count_names()
    {
        var tick = Feed.Tick();
        tick.Fields["trade"] = 1;
        tick.Fields["noise"] = 1;
        tick.Fields["more noise"] = 1;
        var message = new Feed().Decode(tick, Feed.Tick());
        Assert.Equal((2, 2L), (message.Columns.Count, message.UnknownFields));
    }

    [Fact]
    public void Unsigned_values_above_the_signed_range_keep_every_bit()
    {
        var message = new Feed().Decode(
            Feed.Tick(quantity: unchecked((long)ulong.MaxValue)), Feed.Tick(quantity: unchecked((long)(1UL << 63))));
        Assert.Equal([ulong.MaxValue, 1UL << 63], message.Columns.Fields[1].Take(2).Select(value => (ulong)value));
    }

    [Theory]
    [InlineData(TimestampPrecision.Microsecond, 1_000)]
    [InlineData(TimestampPrecision.Millisecond, 1_000_000)]
    public void Timestamps_of_other_precision_become_nanoseconds(TimestampPrecision precision, long unit)
    {
        var feed = new Feed(Feed.Market() with { Precision = precision });
        Assert.Equal(Feed.Now, feed.Decode(Feed.Tick(time: Feed.Now / unit)).Columns.Times[0]);
    }

    [Fact]
    public void A_series_without_dimensions_has_one_key()
    {
        var feed = new Feed(Feed.Market() with { Dimensions = [] });
        var message = feed.Decode(new TickData { TimestampNs = Feed.Now }, new TickData { TimestampNs = Feed.Now + 1 });
        Assert.Equal(2, message.Columns.Count);
        Assert.Single(message.Unresolved);
        Assert.Equal("unknown_dimension", Assert.Single(feed.Decode(Feed.Tick()).Rejections.Counts).Reason);
    }

    [Fact]
    public void Long_values_and_long_field_names_are_read()
    {
        var spec = Feed.Market() with
        {
            Metrics = [new("a", new string('f', 40), FieldType.Int64, "last"),
            new("b", new string('g', 200), FieldType.Int64, "last"), new("c", "h", FieldType.Int64, "last")]
        };
        var feed = new Feed(spec);
        for (var length = 100; length <= 1024; length += 33)
        {
            var tick = Feed.Tick(new string('s', length), new string('é', length / 2));
            tick.Fields.Clear();
            foreach (var name in spec.Metrics.Select(metric => metric.Field!)) tick.Fields[name] = length;
            var message = feed.Decode(tick, tick, tick);
            Assert.Equal(3, message.Columns.Count);
            Assert.All(message.Columns.Fields, field => Assert.Equal([length, length, length], field.Take(3)));
            Assert.Equal(length, message.Keys[2].Dimensions.Values[0].Length);
        }
    }

    [Fact]
    public void Many_keys_in_one_message_are_found_ahead_as_well()
    {
        var feed = new Feed();
        var ticks = Enumerable.Range(0, 20_000)
            .Select(i => Feed.Tick($"S{i * 7919 % 10_000}", i % 3 == 0 ? "X" : "XNAS", Feed.Now - i, i, i)).ToArray();
        for (var round = 0; round < 2; round++)
        {
            var message = feed.DecodeResolved(ticks);
            Assert.Equal(ticks.Length, message.Columns.Count);
            for (var i = 0; i < ticks.Length; i++)
            {
                Assert.Equal(ticks[i].Dimensions["symbol"], message.Keys[i].Dimensions.Values[0]);
                Assert.Equal((i, Feed.Now - i), (message.Columns.Fields[0][i], message.Columns.Times[i]));
            }

            message.Release();
        }
    }

    [Fact]
    public void An_empty_message_is_no_tick()
    {
        var message = new Feed().Decode(Array.Empty<byte>());
        Assert.Null(message.Malformed);
        Assert.Equal((0, 0, 0L), (message.Received, message.Columns.Count, message.Rejections.Total));
    }

    [Fact]
    public void Nothing_of_a_malformed_message_is_taken()
    {
        var feed = new Feed();
        var bytes = new WireBytes().Text(1, "market").Block(2, Feed.Tick().ToByteArray())
            .Part(2, tick => tick.Part(2, entry => entry.Tag(1, 2).Varint(99))).ToArray();
        var message = feed.Decode(bytes);
        Assert.Equal((0, 0, 0), (message.Received, message.Columns.Count, message.Unresolved.Count));
        Assert.Contains($"at byte {bytes.Length - 1} a length is negative or runs past the end",
            message.Malformed, StringComparison.Ordinal);
        message.Release();
        Assert.Equal(1, feed.Decode(Feed.Tick()).Columns.Count);
    }

    [Theory]
    [InlineData(0, 100)]
    [InlineData(1, 99)]
    [InlineData(2, 97)]
    public void Groups_nest_as_deep_as_the_generated_parser_lets_them(int place, int deepest)
    {
        foreach (var depth in new[] { deepest, deepest + 1 })
        {
            var groups = new WireBytes();
            for (var i = 0; i < depth; i++) groups.Tag(7, 3);
            for (var i = 0; i < depth; i++) groups.Tag(7, 4);
            var entry = new WireBytes().Text(1, "symbol").Raw(place == 2 ? groups.ToArray() : []);
            var tick = new WireBytes().Number(1, Feed.Now).Block(2, entry.ToArray())
                .Dimension("venue", "X").Raw(place == 1 ? groups.ToArray() : []);
            var bytes = new WireBytes().Text(1, "market").Block(2, tick.ToArray()).Raw(place == 0 ? groups.ToArray() : []).ToArray();
            Assert.Equal(depth == deepest, Record.Exception(() => IngestRequest.Parser.ParseFrom(bytes)) is null);
            Assert.Equal(depth == deepest, new Feed().Decode(bytes).Malformed is null);
        }
    }
}
