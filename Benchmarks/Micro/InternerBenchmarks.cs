using BenchmarkDotNet.Attributes;
using Tikr.Core.Dimensions;
using Tikr.Core.Rollup;
using Tikr.Core.Specs;

namespace Tikr.Benchmarks.Micro;

/// <summary>
/// From the raw bytes of a tick's dimensions to its key, beside strings in a dictionary. Three dimensions, as ASIC metrics have; times are
/// per tick.
/// </summary>
[MemoryDiagnoser]
public unsafe class InternerBenchmarks
{
    internal const int Lookups = 100_000;

    private readonly byte[][] _raw = new byte[Lookups][];
    private readonly Dictionary<string, InternedKey> _byName = [];
    private KeyInterner _interner = null!;

    [Params(1_000, 100_000)]
    public int Keys { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var model = new SeriesModel(new SeriesSpec
        {
            Series = "asic_metrics",
            Dimensions = [new DimensionSpec("device_id"), new DimensionSpec("asic_id"), new DimensionSpec("port_id")],
            Metrics = [new MetricSpec("temp_max", "temperature", FieldType.Int64, "max")],
            RollupNs = 1_000_000_000,
            RollupText = "1s",
        });
        _interner = new KeyInterner(model, static (model, set) => new InternedKey(model, set), TimeProvider.System, 1 << 20);
        var normal = new byte[Keys][];
        for (var i = 0; i < Keys; i++)
        {
            var set = new DimensionSet(model.Spec, [$"sw-{i / 256:0000}", $"asic{i / 64 % 4}", $"port{i % 64}"]);
            normal[i] = CanonicalRun.Of(_interner.Names, set);
            _byName.Add(string.Join('|', set.Values), _interner.Intern(set)!);
        }

        var random = new Random(7);
        for (var i = 0; i < Lookups; i++) _raw[i] = normal[random.Next(Keys)];
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Lookups)]
    public int Strings()
    {
        var found = 0;
        foreach (var raw in _raw)
        {
            if (_byName.TryGetValue(RawDimensions.NameOf(raw), out _)) found++;
        }

        return found;
    }

    [Benchmark(OperationsPerInvoke = Lookups)]
    public int RawBytes()
    {
        var found = 0;
        var table = _interner.Table;
        foreach (var raw in _raw)
        {
            fixed (byte* bytes = raw)
            {
                if (table.Find(bytes, raw.Length, RawHash.Of(bytes, raw.Length)) >= 0) found++;
            }
        }

        return found;
    }
}
