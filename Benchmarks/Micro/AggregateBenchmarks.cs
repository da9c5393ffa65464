using BenchmarkDotNet.Attributes;
using Tikr.Core.Rollup;
using Tikr.Core.Specs;
using Tikr.Core.Ticks;

namespace Tikr.Benchmarks.Micro;

/// <summary>Folding columns of ticks into bars, beside a bar that takes one tick after the other. OHLCV; times are per tick.</summary>
[MemoryDiagnoser]
public class AggregateBenchmarks
{
    internal const int Ticks = 65_536;

    private readonly SeriesModel _model = new(new SeriesSpec
    {
        Series = "market_ticks",
        Dimensions = [new DimensionSpec("symbol")],
        Metrics =
        [
            new MetricSpec("open", "price", FieldType.Int64, "first"), new MetricSpec(
                "high", "price", FieldType.Int64, "max"), new MetricSpec("low", "price", FieldType.Int64, "min"),
            new MetricSpec("close", "price", FieldType.Int64, "last"), new MetricSpec(
                "volume", "quantity", FieldType.UInt64, "sum"), new MetricSpec("ticks", null, FieldType.UInt64, "count"),
        ],
        RollupNs = 1_000_000_000,
        RollupText = "1s",
    });

    private TickColumns _columns = null!;
    private long[][] _states = [];
    private TickByTickBar[] _bars = [];

    /// <summary>Ticks of one key in one flush: many with few keys, one or two with 100,000.</summary>
    [Params(2, 100)]
    public int RunLength { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _columns = Market.Ticks(_model, [Ticks], 1_000).Columns;
        _states = [.. Enumerable.Range(0, Ticks / RunLength).Select(_ => _model.NewState())];
        _bars = [.. Enumerable.Range(0, Ticks / RunLength).Select(_ => new TickByTickBar(_model.Spec))];
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Ticks)]
    public int TickByTick()
    {
        for (var i = 0; i < _bars.Length; i++)
        {
            for (var t = i * RunLength; t < (i + 1) * RunLength; t++)
                _bars[i].Add(_columns.Times[t], _columns.Sequences[t], _columns.Fields[0][t], _columns.Fields[1][t]);
        }

        return _bars.Length;
    }

    [Benchmark(OperationsPerInvoke = Ticks)]
    public int Runs()
    {
        for (var i = 0; i < _states.Length; i++)
            _model.Add(_states[i], new TickRun(_columns, i * RunLength, RunLength, TickPosition.Of(1, 1, (uint)(i * RunLength))));
        return _states.Length;
    }
}
