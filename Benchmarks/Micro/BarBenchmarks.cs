using BenchmarkDotNet.Attributes;
using Tikr.Core.Dimensions;
using Tikr.Core.Otlp;
using Tikr.Core.Rollup;
using Tikr.Core.Specs;

namespace Tikr.Benchmarks.Micro;

/// <summary>Encoding and decoding bars of 6 metrics and 2 dimensions. Times are per bar.</summary>
[MemoryDiagnoser]
public class BarBenchmarks
{
    private const long Second = 1_000_000_000, Start = 1_700_000_000 * Second;

    private readonly SeriesSpec _spec = new()
    {
        Series = "market_ticks",
        Dimensions = [new DimensionSpec("symbol"), new DimensionSpec("exchange")],
        Metrics =
        [
            new MetricSpec("open", "price", FieldType.Int64, "first", null, "Price of the first trade"),
            new MetricSpec("high", "price", FieldType.Int64, "max", null, "Highest price"),
            new MetricSpec("low", "price", FieldType.Int64, "min", null, "Lowest price"),
            new MetricSpec("close", "price", FieldType.Int64, "last", null, "Price of the last trade"),
            new MetricSpec("volume", "quantity", FieldType.UInt64, "sum", "{share}", "Quantity traded"),
            new MetricSpec("tick_count", null, FieldType.UInt64, "count", "{trade}", "Number of trades"),
        ],
        RollupNs = Second,
        RollupText = "1s",
    };

    private readonly byte[] _buffer = new byte[4096];
    private readonly Bar _bar = new()
    {
        BucketStart = Start,
        FirstTimestamp = Start + 1_234_567,
        LastTimestamp = Start + 998_877_665,
        TickCount = 1234,
        Values = [1_890_500, 1_891_200, 1_890_100, 1_890_900, 123_400, 1234],
        Present = 63,
    };

    private readonly DimensionSet _key;
    private readonly BarEncoder _encoder;
    private readonly BarTemplate _template, _json;
    private readonly BarForm _form;
    private readonly byte[] _attributes, _payload;

    public BarBenchmarks()
    {
        _key = new DimensionSet(_spec, ["AAPL", "XNAS"]);
        _encoder = BarEncoder.For(_spec, BarEncoding.Otlp);
        _template = _encoder.NewTemplate(_key);
        _json = BarEncoder.For(_spec, BarEncoding.Json).NewTemplate(_key);
        _attributes = Attributes.AsProtobuf(_key);
        _form = new BarForm(_attributes.Length, _bar.Present, 0, 0);
        _payload = _template.Encode(_bar);
        // Both must do the same work.
        if (Generated() != _payload.Length)
            throw new InvalidOperationException($"The generated encoder wrote {Generated()} bytes, ours {_payload.Length}.");
    }

    [Benchmark(Baseline = true)]
    public int Generated() => GeneratedBars.Encode(_spec, _key, _bar).Length;

    [Benchmark]
    public int WithoutTemplate() => _encoder.NewLayout(_form).Write(_bar, _attributes, _buffer);

    [Benchmark]
    public int NewArray() => _template.Encode(_bar).Length;

    [Benchmark]
    public int ReusedBuffer() => _template.Encode(_bar, _buffer);

    [Benchmark]
    public int JsonReusedBuffer() => _json.Encode(_bar, _buffer);

    [Benchmark]
    public int NewTemplate() => _encoder.NewTemplate(_key).MaxLength(_bar);

    [Benchmark]
    public int Read() => BarPayload.TryRead(_payload, out var bars, out _) ? bars.Count : 0;
}
