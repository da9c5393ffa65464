using System.Text;
using CsCheck;
using Tikr.Core.Otlp;
using Tikr.Tests.Core.Wire;

namespace Tikr.Tests.Core.Otlp;

/// <summary>Payloads that are no bars: refused with a reason, never an exception.</summary>
public sealed class GarbageTests
{
    private static readonly byte[] BadText = [0xc3, 0x28];

    [Fact]
    public void Any_bytes_are_read_or_refused_with_a_reason() => Gen.Byte.Array[0, 200].Sample(Check, iter: 20_000);

    [Theory]
    [InlineData(BarEncoding.Otlp)]
    [InlineData(BarEncoding.OtlpResourceMetrics)]
    [InlineData(BarEncoding.Json)]
    public void Damaged_bars_are_read_or_refused_with_a_reason(BarEncoding encoding) =>
        Gen.Select(OtlpSeries.AnyBar, Gen.Select(Gen.Int[0, 1 << 20], Gen.Byte).Array[1, 4], Gen.Int[0, 1 << 20], Gen.Bool).Sample(
            (any, changes, cut, cuts) =>
            {
                var payload = BarEncoder.For(any.Spec, encoding).NewTemplate(any.Key).Encode(any.Bar);
                foreach (var (at, value) in changes) payload[at % payload.Length] = value;
                Check(cuts ? payload[..(cut % payload.Length)] : payload);
            },
            iter: 5000);

    [Fact]
    public void Every_truncation_is_refused()
    {
        var payload = Payload(BarEncoding.Otlp);
        for (var length = 0; length < payload.Length; length++) Assert.False(BarPayload.TryRead(payload.AsMemory(0, length), out _, out _));
    }

    /// <summary>Parts that bars do not need, each with what no parser takes.</summary>
    public static TheoryData<string, string> PartsPassedOver => new()
    {
        { "description", "not valid Unicode" },
        { "unit", "not valid Unicode" },
        { "name of the scope", "not valid Unicode" },
        { "address of the schema", "not valid Unicode" },
        { "text in a list in an attribute", "not valid Unicode" },
        { "empty tag in the scope", "a tag has field number 0" },
        { "histogram cut short", "runs past the end" },
        { "count of a histogram cut short", "in the middle of a value" },
        { "exponential count cut short", "in the middle of a value" },
        { "lists in lists", "nested more than 100 deep" },
        { "unknown group that does not end", "in the middle of a value" },
    };

    [Theory]
    [MemberData(nameof(PartsPassedOver))]
    public void Damage_in_a_part_that_bars_do_not_need_is_refused(string part, string reason)
    {
        Assert.True(BarPayload.TryRead(With(_ => { }, _ => { }), out _, out var problem), problem);
        Assert.False(BarPayload.TryRead(Damaged(part), out var bars, out var said));
        Assert.Empty(bars);
        Assert.Contains(reason, said, StringComparison.Ordinal);
    }

    [Fact]
    public void Json_that_is_not_utf8_in_a_member_that_nobody_knows_is_refused()
    {
        byte[] json = [.. "{\"news\":\""u8, 0xc3, 0x28, .. "\","u8, .. Payload(BarEncoding.Json)[1..]];
        Assert.False(BarPayload.TryRead(json, out _, out var said));
        Assert.Contains("not valid Unicode", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}", "holds no data point")]
    [InlineData("{\"resourceMetrics\":[", "not JSON")]
    [InlineData("{\"resourceMetrics\":7}", "'resourceMetrics' is not where")]
    [InlineData("{\"resourceMetrics\":[7]}", "is not where, or not of the kind")]
    [InlineData("{\"resourceMetrics\":[{\"scopeMetrics\":[]}]}", "no resource attribute tikr.series")]
    public void Json_that_is_no_bar_is_refused(string json, string reason) => Refused(json, reason);

    [Theory]
    [InlineData("\"asInt\":\"1\"", "\"asInt\":\"1\",\"asInt\":[]", "'asInt' is not where")]
    [InlineData("\"asInt\":\"1\"", "\"asDouble\":1.5", "no value that is an int64 or uint64")]
    [InlineData("\"asInt\":\"1\"", "\"asInt\":\"9223372036854775808\"", "'asInt' is not where")]
    [InlineData("market_ticks.high", "market_ticks.open", "'market_ticks.open' has two values")]
    [InlineData("market_ticks.high", "other.high", "'other.high' is none of series 'market_ticks'")]
    [InlineData("\"symbol\"", "\"exchange\"", "'exchange' is twice")]
    [InlineData("{\"stringValue\":\"AAPL\"}", "{\"boolValue\":true}", "'symbol' of a data point is neither text nor an integer")]
    [InlineData("\"tikr.first_timestamp\"", "\"x\"", "no tick count")]
    [InlineData("\"AAPL\"", "\"\\ud800\"", "not valid Unicode")]
    public void A_bar_with_this_change_is_refused(string part, string replacement, string reason) =>
        Refused(Encoding.UTF8.GetString(Payload(BarEncoding.Json)).Replace(part, replacement, StringComparison.Ordinal), reason);

    [Fact]
    public void Json_may_have_numbers_for_strings_and_members_that_nobody_knows()
    {
        var json = Encoding.UTF8.GetString(Payload(BarEncoding.Json))
            .Replace("\"asInt\":\"1\"", "\"asInt\":1,\"news\":{\"a\":[1]}", StringComparison.Ordinal);
        Assert.Equal(1, OtlpSeries.ReadOne(Encoding.UTF8.GetBytes(json)).Metrics["open"]);
    }

    [Fact]
    public void Two_messages_joined_are_two_bars()
    {
        // Protobuf's rule for repeated fields, by which collectors may batch.
        var spec = OtlpSeries.Market;
        var template = BarEncoder.For(spec, BarEncoding.Otlp).NewTemplate(spec.Key("A", "B"));
        var bar = spec.NewBar(1, 2, 3, 4, 5, 42);
        byte[] joined = [.. template.Encode(bar), .. template.Encode(bar with { BucketStart = bar.BucketStart + OtlpSeries.Second })];
        Assert.True(BarPayload.TryRead(joined, out var bars, out _));
        Assert.Equal([bar.BucketStart, bar.BucketStart + OtlpSeries.Second], bars.Select(read => read.BucketStart));
    }

    [Fact]
    public void Bars_of_several_keys_in_one_message_stay_apart()
    {
        var spec = OtlpSeries.Market;
        var encoder = BarEncoder.For(spec, BarEncoding.Otlp);
        var keys = new[] { spec.Key("A", "B"), spec.Key("C", "D"), spec.Key("A", "D"), spec.Key("", "") };
        var joined = keys.SelectMany((key, i) => encoder.NewTemplate(key).Encode(spec.NewBar(i, 2, 3, 4, 5, 42))).ToArray();
        Assert.True(BarPayload.TryRead(joined, out var bars, out _));
        Assert.Equal(
            keys.Select((key, i) => OtlpSeries.Expect(spec, key, spec.NewBar(i, 2, 3, 4, 5, 42), BarEncoding.Otlp)),
                bars.Select(OtlpSeries.Describe));
    }

    private static byte[] Damaged(string part) => part switch
    {
        "description" => With(_ => { }, metric => metric.Block(2, BadText)),
        "unit" => With(_ => { }, metric => metric.Block(3, BadText)),
        "name of the scope" => With(scope => scope.Part(1, about => about.Block(1, BadText)), _ => { }),
        "address of the schema" => With(scope => scope.Block(3, BadText), _ => { }),
        "text in a list in an attribute" => With(_ => { }, metric => metric.Part(12, pair => pair.Part(2,
            value => value.Part(5, list => list.Part(1, one => one.Block(1, BadText)))))),
        "empty tag in the scope" => With(scope => scope.Block(1, [0]), _ => { }),
        "histogram cut short" => With(_ => { }, metric => metric.Block(9, [0x0a, 5])),
        "count of a histogram cut short" => With(_ => { }, metric => metric.Part(9, data => data.Part(1, point => point.Block(6, [1, 2])))),
        "exponential count cut short" => With(
            _ => { }, metric => metric.Part(10, data => data.Part(1, point => point.Part(8, buckets => buckets.Block(2, [0x80]))))),
        "lists in lists" => With(_ => { }, metric => metric.Part(12, pair => pair.Block(2, Lists(60)))),
        _ => With(scope => scope.Part(1, about => about.Tag(9, 3)), _ => { }),
    };

    private static byte[] Lists(int deep)
    {
        byte[] value = [];
        for (; deep > 0; deep--) value = new WireBytes().Part(5, list => list.Block(1, value)).ToArray();
        return value;
    }

    // A bar, and behind it a scope of the same resource with a metric that has no points.
    private static byte[] With(Action<WireBytes> scope, Action<WireBytes> metric) =>
        [.. Payload(BarEncoding.Otlp), .. new WireBytes().Part(1, resource => resource
            .Part(1, about => about.Part(1, pair => pair.Text(1, "tikr.series").Part(2, value => value.Text(1, "market_ticks"))))
            .Part(2, part =>
            {
                part.Part(2, metric);
                scope(part);
            })).ToArray()];

    private static void Check(byte[] payload)
    {
        if (BarPayload.TryRead(payload, out var bars, out var reason)) Assert.NotEmpty(bars);
        else Assert.EndsWith(".", reason, StringComparison.Ordinal);
    }

    private static void Refused(string json, string reason)
    {
        Assert.False(BarPayload.TryRead(Encoding.UTF8.GetBytes(json), out var bars, out var said));
        Assert.Empty(bars);
        Assert.Contains(reason, said, StringComparison.Ordinal);
    }

    private static byte[] Payload(BarEncoding encoding)
    {
        var spec = OtlpSeries.Market;
        return BarEncoder.For(spec, encoding).NewTemplate(spec.Key("AAPL", "Q")).Encode(spec.NewBar(1, 2, 3, 4, 5, 42));
    }
}
