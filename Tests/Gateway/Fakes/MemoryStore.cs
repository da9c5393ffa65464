using System.Runtime.CompilerServices;
using Tikr.Core.Dimensions;
using Tikr.Core.Rollup;
using Tikr.Storage;

namespace Tikr.Tests.Gateway.Fakes;

/// <summary>A store in memory that keeps the read contracts to the letter: shared blocks, reused batches, no order across keys.</summary>
internal sealed class MemoryStore : ISeriesCatalog, IKeyStore, ITickStore, IBarStore, IStoreStatistics
{
    private readonly List<StoredKey> _keys = [];
    private readonly List<MemoryBlock> _blocks = [];
    private readonly Dictionary<uint, SortedDictionary<long, Bar>> _bars = [];
    private ulong _flush;

    public MemoryStore(SeriesPlan plan)
    {
        Series = new SeriesHandle(plan, 1, [.. plan.Fields.Select((_, i) => (ushort)i)]);
    }

    public SeriesHandle Series { get; }

    /// <summary>Thrown by the next read, if set.</summary>
    public Exception? Failure { get; set; }

    public TimeSpan TicksTtl { get; init; } = TimeSpan.FromHours(24);

    public TimeSpan BarsTtl => TicksTtl;

    public string? IngestBlockedReason { get; set; }

    /// <summary>How many reads were begun.</summary>
    public int Reads { get; private set; }

    public FlushId LastCommitted => new(1, _flush);

    /// <summary>The key of these dimension values, added if it is new.</summary>
    public StoredKey Key(params string[] values)
    {
        var dimensions = new DimensionSet(Series.Plan.Spec, values);
        var known = _keys.Find(key => key.Dimensions.Equals(dimensions));
        if (known is null) _keys.Add(known = new StoredKey((uint)_keys.Count + 1, dimensions));
        return known;
    }

    /// <summary>Stores ticks as one flush, all keys in one shared block.</summary>
    public void Flush(params TickRow[] ticks) => _blocks.Add(new MemoryBlock(Series.Plan, new FlushId(1, ++_flush), ticks));

    public void Store(StoredKey key, params Bar[] bars)
    {
        if (!_bars.TryGetValue(key.KeyId, out var stored)) _bars.Add(key.KeyId, stored = []);
        foreach (var bar in bars) stored[bar.BucketStart] = bar;
    }

    public ValueTask<IReadOnlyList<SeriesHandle>> OpenAsync(IReadOnlyList<SeriesPlan> plans, CancellationToken cancellation) =>
        new([Series]);

    public async IAsyncEnumerable<StoredKey> ListAsync(
        SeriesHandle series, string?[] match, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.Yield();
        if (Failure is not null) throw Failure;
        foreach (var key in _keys.OrderBy(key => string.Join('\0', key.Dimensions.Values), StringComparer.Ordinal))
        {
            cancellation.ThrowIfCancellationRequested();
            if (match.Zip(key.Dimensions.Values).All(pair => pair.First is null || pair.First == pair.Second)) yield return key;
        }
    }

    public ValueTask<IReadOnlyList<StoredKey>> FindByIdAsync(
        SeriesHandle series, IReadOnlyCollection<uint> keyIds, CancellationToken cancellation) => throw new NotSupportedException();

    public ValueTask<StoredKey?> FindAsync(SeriesHandle series, DimensionSet dimensions, CancellationToken cancellation) =>
        Failure is null ? new(_keys.Find(key => key.Dimensions.Equals(dimensions))) : throw Failure;

    async IAsyncEnumerable<TickBatch> ITickStore.ReadAsync(TickRead read, [EnumeratorCancellation] CancellationToken cancellation)
    {
        Reads++;
        var batch = new TickBatch(Series.Plan.NewColumns());
        await Task.Yield();
        Assert.Equal(read.Keys.Order(), read.Keys);
        var blocks = read.Keys.Length == 1
            ? _blocks.OrderBy(block => block.LeastTime) : _blocks.OrderByDescending(block => block.LeastTime);
        foreach (var block in blocks)
        {
            cancellation.ThrowIfCancellationRequested();
            if (block.FillIn(batch, read)) yield return batch;
        }
    }

    public async IAsyncEnumerable<Bar> ReadAsync(
        SeriesHandle series, uint keyId, long fromNs, long toNs, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.CompletedTask;
        if (!_bars.TryGetValue(keyId, out var bars)) yield break;
        foreach (var bar in bars.Values)
        {
            cancellation.ThrowIfCancellationRequested();
            if (bar.BucketStart >= fromNs && bar.BucketStart < toNs) yield return bar;
        }
    }

    public long CompleteFrom(SeriesHandle series) => 0;

    public IReadOnlyDictionary<string, long> Read() => new Dictionary<string, long> { ["ticks_bytes"] = 1234 };

    public ValueTask<uint> AllocateEpochAsync(CancellationToken cancellation) => new(1u);

    public ValueTask CommitAsync(FlushCommit commit, CancellationToken cancellation) => throw new NotSupportedException();

    public ValueTask ResolveAsync(SeriesHandle series, IReadOnlyList<InternedKey> keys, CancellationToken cancellation) =>
        throw new NotSupportedException();

    public IAsyncEnumerable<Manifest> ReadManifestsAsync(CancellationToken cancellation) => throw new NotSupportedException();

    public ValueTask RetireAsync(uint epoch, ulong belowFlush, CancellationToken cancellation) => default;

    public ValueTask WriteAsync(IReadOnlyList<BarWrite> writes, Memory<BarWriteResult> results, CancellationToken cancellation) =>
        throw new NotSupportedException();

    public ValueTask<Bar?> FindAsync(SeriesHandle series, uint keyId, long bucketStart, CancellationToken cancellation) =>
        throw new NotSupportedException();

}

/// <summary>A tick of a test. Bit i of <paramref name="Present"/> says that field i was given.</summary>
internal sealed record TickRow(StoredKey Key, long Time, uint Sequence, long[] Fields, ulong Present = ulong.MaxValue);
