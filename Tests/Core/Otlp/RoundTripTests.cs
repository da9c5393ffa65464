using CsCheck;
using Tikr.Core.Otlp;

namespace Tikr.Tests.Core.Otlp;

/// <summary>What is encoded is what a consumer reads.</summary>
public sealed class RoundTripTests
{
    public static TheoryData<BarEncoding> Encodings => [BarEncoding.Otlp, BarEncoding.OtlpResourceMetrics, BarEncoding.Json];

    [Theory]
    [MemberData(nameof(Encodings))]
    public void Every_bar_of_every_series_is_read_as_it_was(BarEncoding encoding) => OtlpSeries.AnyBar.Sample(
        (spec, key, bar) =>
        {
            var template = BarEncoder.For(spec, encoding).NewTemplate(key);
            Assert.Equal(OtlpSeries.Expect(spec, key, bar, encoding), OtlpSeries.ReadOne(template.Encode(bar)).Describe());
        },
        iter: 3000);

    [Theory]
    [MemberData(nameof(Encodings))]
    public void A_template_serves_bars_of_any_form_in_any_order(BarEncoding encoding)
    {
        var spec = OtlpSeries.Market;
        var encoder = BarEncoder.For(spec, encoding);
        var keys = new[] { spec.Key("AAPL", "Q"), spec.Key("", ""), spec.Key("MSFT", "N"), spec.Key(new string('x', 300), "Q") };
        var templates = keys.Select(encoder.NewTemplate).ToList();
        Gen.Select(Gen.Int[0, keys.Length - 1], Gen.Long.Array[6], Gen.ULong[0, 63], Gen.Int[0, 200]).Sample(
            (k, values, present, revision) =>
            {
                for (var i = 0; i < 6; i++) values[i] = (present >> i & 1) != 0 || i == 5 ? values[i] : 0;
                values[5] = 42;
                var bar = spec.NewBar(values) with { Present = present | 32, Revision = revision };
                Assert.Equal(OtlpSeries.Expect(spec, keys[k], bar, encoding), OtlpSeries.ReadOne(templates[k].Encode(bar)).Describe());
            },
            iter: 5000);
    }

    [Theory]
    [MemberData(nameof(Encodings))]
    public void Writing_into_a_buffer_gives_the_same_bytes(BarEncoding encoding) => OtlpSeries.AnyBar.Sample(
        (spec, key, bar) =>
        {
            var template = BarEncoder.For(spec, encoding).NewTemplate(key);
            var buffer = new byte[template.MaxLength(bar) + 10];
            buffer.AsSpan().Fill(0xee);
            var length = template.Encode(bar, buffer);
            Assert.Equal(template.Encode(bar), buffer[..length]);
            Assert.All(buffer[template.MaxLength(bar)..], left => Assert.Equal(0xee, left));
        },
        iter: 500);

    [Fact]
    public void Every_encoding_has_its_word() => Assert.Equal(
        [BarEncoding.Otlp, BarEncoding.OtlpResourceMetrics, BarEncoding.Json],
        new[] { "otlp", "otlp_resource_metrics", "json" }.Select(BarEncodings.FromWord));

    [Fact]
    public void A_bar_of_another_series_is_refused_with_the_remedy()
    {
        var template = BarEncoder.For(OtlpSeries.Market, BarEncoding.Otlp).NewTemplate(OtlpSeries.Market.Key("A", "B"));
        var error = Assert.Throws<ArgumentException>(() => template.Encode(OtlpSeries.Market.NewBar(1, 2)));
        Assert.Contains("2 values, but series 'market_ticks' has 6 metrics", error.Message, StringComparison.Ordinal);
    }
}
