using Tikr.Core.Dimensions;
using Tikr.Core.Otlp;
using Tikr.Core.Rollup;
using Tikr.Core.Specs;
using Tikr.Tests.Support.Otlp;

namespace Tikr.Tests.EndToEnd.Compatibility;

/// <summary>Encoded bars, read by OpenTelemetry's own protobuf types, are the bars.</summary>
public sealed class IndependentOtlpTests
{
    private const int BarsPerSeries = 1500;

    [Theory]
    [InlineData("otlp", OtlpForm.MetricsData)]
    [InlineData("otlp_resource_metrics", OtlpForm.ResourceMetrics)]
    [InlineData("json", OtlpForm.Json)]
    public async Task Others_read_every_bar_of_the_shipped_series(string encoding, OtlpForm form)
    {
        var specs = SpecFolder.Load(Repository.Specs).Specs;
        Assert.Equal(3, specs.Length);
        var bars = new Bars(seed: 7);
        var records = new List<(SeriesSpec Spec, DimensionSet Key, Bar Bar, byte[] Payload)>();
        foreach (var spec in specs)
        {
            var encoder = BarEncoder.For(spec, BarEncodings.FromWord(encoding));
            for (var i = 0; i < BarsPerSeries; i++)
            {
                var (key, bar) = (bars.NextKey(spec), bars.NextBar(spec));
                records.Add((spec, key, bar, encoder.NewTemplate(key).Encode(bar)));
            }
        }

        var decoded = await IndependentOtlp.DecodeAsync(records.Select(record => record.Payload), form);
        for (var i = 0; i < records.Count; i++)
        {
            var (spec, key, bar, _) = records[i];
            Assert.Equal(form == OtlpForm.ResourceMetrics ? Bars.Upstream(spec, key, bar) : Bars.Standard(spec, key, bar), decoded[i]);
        }
    }
}
