using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Tikr.Core.Rollup;
using Tikr.Core.Ticks;
using Tikr.Storage;
using Tikr.Storage.RocksDb;

namespace Tikr.Benchmarks.Micro;

/// <summary>
/// Committing a flush to the embedded store and reading a key back, beside a row per tick in a RocksDB of its own. Times are per tick.
/// </summary>
[MemoryDiagnoser, GroupBenchmarksBy(BenchmarkDotNet.Configs.BenchmarkLogicalGroupRule.ByCategory), CategoriesColumn]
public class StoreBenchmarks : IDisposable
{
    private const int Keys = 128, TicksPerKey = 100;

    internal const int Ticks = Keys * TicksPerKey, ReadTicks = 8 * TicksPerKey;

    private readonly string _folder = Directory.CreateTempSubdirectory("tikr-micro-").FullName;
    private readonly SeriesModel _model = Market.Model();
    private ServiceProvider _services = null!;
    private Series _series = null!;
    private ITickStore _store = null!;
    private FlushCommit _commit = null!;
    private RowStore _rows = null!;
    private TickColumns _columns = null!;
    private KeyRun[] _runs = [];
    private ulong _flush;
    private uint _epoch;

    [GlobalSetup]
    public void Setup()
    {
        _services = new ServiceCollection()
            .AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance).AddSingleton(typeof(ILogger<>), typeof(NullLogger<>))
            .AddTikrRocksDb(store => store.DataDir = Path.Combine(_folder, "blocks")).BuildServiceProvider();
        _series = _services.GetRequiredService<ISeriesCatalog>().OpenAsync([_model], default).AsTask().GetAwaiter().GetResult()[0];
        _store = _services.GetRequiredService<ITickStore>();
        _epoch = _store.AllocateEpochAsync(default).AsTask().GetAwaiter().GetResult();
        _rows = new RowStore(Path.Combine(_folder, "rows"));
        var start = (DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
        (_columns, _runs) = Market.Ticks(_model, [.. Enumerable.Repeat(TicksPerKey, Keys)], 1_000_000, start: start);
        _commit = new FlushCommit();
        foreach (var run in _runs)
        {
            var offset = _commit.Bytes.WrittenCount;
            var length = TickBlockWriter.WriteOneKey(_commit.Bytes, _columns, run.Start, run.Count, 0, _model, _series.Model.FieldIds);
            _commit.Blocks.Add(new EncodedBlock(
                _series.Id, BlockKind.OneKey, run.KeyId, _columns.Times[run.Start],
                    (uint)_commit.Blocks.Count, offset, length, run.Count));
        }

        for (var i = 0; i < ReadTicks / TicksPerKey; i++)
        {
            WriteBlocks();
            WriteRows();
        }
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _services.Dispose();
        _rows.Dispose();
        Directory.Delete(_folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Ticks), BenchmarkCategory("write")]
    public int WriteRows() => _rows.Write(_columns, _runs);

    /// <summary>Encoding included.</summary>
    [Benchmark(OperationsPerInvoke = Ticks), BenchmarkCategory("write")]
    public int WriteBlocks()
    {
        _commit.Bytes.ResetWrittenCount();
        foreach (var run in _runs)
            TickBlockWriter.WriteOneKey(_commit.Bytes, _columns, run.Start, run.Count, 0, _model, _series.Model.FieldIds);
        _commit.Id = new FlushId(_epoch, ++_flush);
        _store.CommitAsync(_commit, default).AsTask().GetAwaiter().GetResult();
        return Ticks;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = ReadTicks), BenchmarkCategory("read")]
    public int ReadRows() => _rows.Read(_runs[Keys / 2].KeyId, ReadTicks);

    [Benchmark(OperationsPerInvoke = ReadTicks), BenchmarkCategory("read")]
    public int ReadBlocks()
    {
        var ticks = 0;
        var run = _runs[Keys / 2];
        var read = new TickRead(_series, [run.KeyId], _columns.Times[run.Start], _columns.Times[run.Start + run.Count - 1] + 1);
        var batches = _store.ReadAsync(read, default).GetAsyncEnumerator();
        while (ticks < ReadTicks && batches.MoveNextAsync().AsTask().GetAwaiter().GetResult())
        {
            foreach (var keyRun in batches.Current.Runs) ticks += keyRun.Count;
        }

        batches.DisposeAsync().AsTask().GetAwaiter().GetResult();
        return ticks;
    }
}
