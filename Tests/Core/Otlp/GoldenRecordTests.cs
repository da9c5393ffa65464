using System.Security.Cryptography;
using Tikr.Core.Otlp;

namespace Tikr.Tests.Core.Otlp;

/// <summary>
/// The bytes of published bars, as a digest: consumers compare and store them, so a change here is a change of format and belongs in the
/// changelog.
/// </summary>
public sealed class GoldenRecordTests
{
    [Theory]
    [InlineData(BarEncoding.Otlp, "21F768137677E5E3")]
    [InlineData(BarEncoding.OtlpResourceMetrics, "621F9F61BA6C1A29")]
    [InlineData(BarEncoding.Json, "4489BBBDEE4483EA")]
    public void Published_bars_keep_every_byte(BarEncoding encoding, string digest)
    {
        var template = BarEncoder.For(OtlpSeries.Market, encoding, "tikr").NewTemplate(OtlpSeries.Market.Key("BTC-USD", "nyse"));
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var i = 0; i < 100; i++)
        {
            var bar = OtlpSeries.Market.NewBar(i * 1_001L, -i, long.MinValue + i, -1L - i, long.MaxValue - i, i) with { Revision = i % 3 };
            hash.AppendData(template.Encode(bar));
        }

        Assert.Equal(digest, Convert.ToHexString(hash.GetHashAndReset())[..16]);
    }
}
