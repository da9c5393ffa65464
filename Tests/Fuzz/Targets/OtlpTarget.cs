using System.Text;
using Google.Protobuf;
using Tikr.Core.Otlp;
using Tikr.Core.Otlp.Reading;
using Tikr.Tests.Core.Otlp;
using Tikr.Tests.Core.Wire;

namespace Tikr.Tests.Fuzz;

/// <summary>The OTLP reader reads what the generated types read of a payload, and refuses what they refuse.</summary>
internal sealed class OtlpTarget : IFuzzTarget
{
    public IEnumerable<byte[]> Seeds
    {
        get
        {
            var (spec, key) = (OtlpSeries.Market, OtlpSeries.Market.Key("AAPL", "Q"));
            foreach (var encoding in new[] { BarEncoding.Otlp, BarEncoding.OtlpResourceMetrics, BarEncoding.Json })
                yield return BarEncoder.For(spec, encoding).NewTemplate(key).Encode(spec.NewBar(1, -2, 3, long.MinValue, 5, 42));
            yield return OtlpSamples.EveryPart.ToByteArray();
            yield return OtlpSamples.EveryPart.ResourceMetrics[0].ToByteArray();
        }
    }

    public IReadOnlyList<byte[]> Tokens { get; } =
    [
        .. Enumerable.Range(1, 12).Select(field => new WireBytes().Tag(field, 2).ToArray()),
        .. Enumerable.Range(1, 12).Select(field => new WireBytes().Part(field, part => part.Text(1, "a")).ToArray()),
        Encoding.UTF8.GetBytes("market_ticks."), Encoding.UTF8.GetBytes("tikr.series"), [0xc3, 0x28], [0], [0x2b, 0x2c], [8], [7],
    ];

    public void Run(byte[] input)
    {
        if (BarPayload.TryRead(input, out var bars, out var reason)) Assert.NotEmpty(bars);
        else Assert.EndsWith(".", reason, StringComparison.Ordinal);
        var problem = new ReadProblem();
        var ours = OtlpText.Of(ProtobufReader.Read(input, problem));
        var theirs = OtlpText.Theirs(input);
        if (theirs is null) Assert.NotNull(problem.Text);
        else if (problem.Text is null) Assert.Equal(theirs, ours);
        else Assert.Contains("wire type 6 or 7", problem.Text, StringComparison.Ordinal);
    }
}
