using System.Buffers;
using BenchmarkDotNet.Attributes;
using Tikr.Core.Rollup;
using Tikr.Core.Ticks;

namespace Tikr.Benchmarks.Micro;

/// <summary>One block of one key, per invocation; divide by the ticks. The varint rows are the baseline.</summary>
[MemoryDiagnoser, GroupBenchmarksBy(BenchmarkDotNet.Configs.BenchmarkLogicalGroupRule.ByCategory), CategoriesColumn]
public class OneKeyBlocks
{
    // Several markets in turn, so that branches are not learnt by heart.
    private const int Markets = 16;

    private readonly ArrayBufferWriter<byte> output = new(1 << 16);
    private readonly SeriesModel model = Market.Model();
    private readonly List<KeyRun> runs = new(4);
    private readonly byte[] rows = new byte[256 * 40];
    private TickColumns[] markets = [];
    private byte[][] blocks = [], rowBlocks = [];
    private TickBlockReader reader = null!;
    private TickColumns into = null!;
    private int next;

    [Params(1, 10, 100, 256)]
    public int Ticks { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        reader = new TickBlockReader(model, Market.FieldIds);
        into = model.NewColumns();
        into.EnsureCapacity(256);
        markets = [.. Enumerable.Range(0, Markets).Select(i => Market.Ticks(model, [Ticks], 1_000_000, i).Columns)];
        blocks = [.. markets.Select(Block)];
        rowBlocks = [.. markets.Select(market => rows[..VarintRows.Write(market, 0, Ticks, rows)])];

        byte[] Block(TickColumns market)
        {
            output.ResetWrittenCount();
            TickBlockWriter.WriteOneKey(output, market, 0, Ticks, 0, model, Market.FieldIds);
            return output.WrittenSpan.ToArray();
        }
    }

    [Benchmark, BenchmarkCategory("encode")]
    public int Encode()
    {
        output.ResetWrittenCount();
        return TickBlockWriter.WriteOneKey(output, markets[next++ % Markets], 0, Ticks, 0, model, Market.FieldIds);
    }

    [Benchmark, BenchmarkCategory("decode")]
    public int Decode()
    {
        into.Count = 0;
        runs.Clear();
        reader.Read(blocks[next++ % Markets], 1, [], 0, long.MaxValue, into, runs);
        return into.Count;
    }

    [Benchmark(Baseline = true), BenchmarkCategory("encode")]
    public int EncodeRows() => VarintRows.Write(markets[next++ % Markets], 0, Ticks, rows);

    [Benchmark(Baseline = true), BenchmarkCategory("decode")]
    public int DecodeRows()
    {
        into.Count = 0;
        VarintRows.Read(rowBlocks[next++ % Markets], into);
        return into.Count;
    }
}

/// <summary>One full block shared by many keys, per invocation.</summary>
[MemoryDiagnoser]
public class SharedBlocks
{
    private const int Markets = 16;

    private readonly ArrayBufferWriter<byte> output = new(1 << 16);
    private readonly SeriesModel model = Market.Model();
    private readonly List<KeyRun> runs = new(256);
    private readonly uint[] wanted = new uint[1];
    private (TickColumns Columns, KeyRun[] Runs)[] markets = [];
    private byte[][] blocks = [];
    private TickBlockReader reader = null!;
    private TickColumns into = null!;
    private int next;

    [Params(1, 4, 12)]
    public int TicksPerKey { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        reader = new TickBlockReader(model, Market.FieldIds);
        into = model.NewColumns();
        var counts = Enumerable.Repeat(TicksPerKey, 256 / TicksPerKey).ToArray();
        markets = [.. Enumerable.Range(0, Markets).Select(i => Market.Ticks(model, counts, 2_000_000, i))];
        wanted[0] = markets[0].Runs[markets[0].Runs.Length / 2].KeyId;
        blocks = [.. markets.Select(Block)];

        byte[] Block((TickColumns Columns, KeyRun[] Runs) market)
        {
            output.ResetWrittenCount();
            TickBlockWriter.WriteSharedKeys(output, market.Columns, 0, market.Runs, model, Market.FieldIds);
            return output.WrittenSpan.ToArray();
        }
    }

    [Benchmark]
    public int Encode()
    {
        output.ResetWrittenCount();
        var (columns, keys) = markets[next++ % Markets];
        return TickBlockWriter.WriteSharedKeys(output, columns, 0, keys, model, Market.FieldIds);
    }

    [Benchmark]
    public int DecodeAllKeys() => Read([]);

    [Benchmark]
    public int DecodeOneKey() => Read(wanted);

    private int Read(ReadOnlySpan<uint> keys)
    {
        into.Count = 0;
        runs.Clear();
        reader.Read(blocks[next++ % Markets], 0, keys, 0, long.MaxValue, into, runs);
        return into.Count;
    }
}
