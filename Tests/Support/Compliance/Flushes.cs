using Tikr.Core.Rollup;
using Tikr.Core.Ticks;
using Tikr.Storage;

namespace Tikr.Tests.Support.Compliance;

/// <summary>Commits ticks as a gateway does, and reads them back.</summary>
public static class Flushes
{
    private const int OwnBlocksFrom = 16;

    public static FlushCommit Of(Series series, FlushId id, IEnumerable<TestTick> ticks)
    {
        var commit = new FlushCommit { Id = id };
        Add(commit, series, ticks);
        return commit;
    }

    /// <summary>Adds the ticks of a series to a flush.</summary>
    public static void Add(FlushCommit commit, Series series, IEnumerable<TestTick> ticks)
    {
        var pairs = new List<BucketRef>();
        var shared = new List<(TestTick Tick, uint Rank)>();
        foreach (var key in ticks.GroupBy(t => t.Key).OrderBy(g => g.Key))
        {
            var run = key.OrderBy(t => t.Time).ThenBy(t => t.Sequence).Select((t, rank) => (Tick: t, Rank: (uint)rank)).ToArray();
            pairs.AddRange(run.Select(t => series.Model.BucketOf(t.Tick.Time)).Distinct().Select(bucket => new BucketRef(key.Key, bucket)));
            if (run.Length < OwnBlocksFrom) shared.AddRange(run);
            else AddOwn(series, commit, run);
        }

        foreach (var group in shared.GroupBy(
            t => (Group: t.Tick.Key % FlushCommit.SharedGroups, Slot: t.Tick.Time / FlushCommit.MaxBlockSpanNs)))
        {
            foreach (var block in group.OrderBy(t => t.Tick.Key).ThenBy(t => t.Rank).Chunk(FlushCommit.MaxBlockTicks))
                AddShared(series, commit, group.Key.Group, block);
        }

        commit.Manifest.Add(new ManifestSection(series.Id, series.Model.Spec.RollupNs, pairs));
    }

    public static async Task<FlushId> CommitTicksAsync(
        this ITickStore store, Series series, uint epoch, ulong flush, IEnumerable<TestTick> ticks)
    {
        var id = new FlushId(epoch, flush);
        await store.CommitAsync(Of(series, id, ticks), default);
        return id;
    }

    public static async Task<List<ReadTick>> ReadTicksAsync(
        this ITickStore store, Series series, uint[] keys, long from, long to, bool includesExpired = false)
    {
        List<ReadTick> ticks = [];
        var read = new TickRead(series, keys, from, to) { IncludesExpired = includesExpired };
        await foreach (var batch in store.ReadAsync(read, default)) ticks.AddRange(Ticks(batch));
        return ticks;
    }

    public static IEnumerable<ReadTick> Ticks(TickBatch batch) =>
        from run in batch.Runs
        from i in Enumerable.Range(0, run.Count)
        let c = batch.Columns
        let at = run.Start + i
        select new ReadTick(run.KeyId, c.Times[at], c.Sequences[at], c.Fields[0][at], c.Fields[1][at], batch.Flush, run.FirstRank
            + (uint)i);

    public static async Task<List<Manifest>> ManifestsAsync(this ITickStore store)
    {
        List<Manifest> manifests = [];
        uint[] epochs = [.. Enumerable.Range(1, 64).Select(epoch => (uint)epoch)];
        await foreach (var manifest in store.ReadManifestsAsync(epochs, default)) manifests.Add(manifest);
        return manifests;
    }

    private static void AddOwn(Series series, FlushCommit commit, (TestTick Tick, uint Rank)[] run)
    {
        for (var start = 0; start < run.Length;)
        {
            var count = 1;
            while (start + count < run.Length && count < FlushCommit.MaxBlockTicks
                && run[start + count].Tick.Time - run[start].Tick.Time <= FlushCommit.MaxBlockSpanNs) count++;
            var block = run[start..(start + count)];
            var offset = commit.Bytes.WrittenCount;
            TickBlockWriter.WriteOneKey(commit.Bytes, Columns(series, block), 0, count, block[0].Rank, series.Model, series.Model.FieldIds);
            Add(series, commit, BlockKind.OneKey, block[0].Tick.Key, offset, block);
            start += count;
        }
    }

    private static void AddShared(Series series, FlushCommit commit, uint group, (TestTick Tick, uint Rank)[] block)
    {
        var runs = block.GroupBy(t => t.Tick.Key).Select(g => new KeyRun(g.Key, 0, g.Count(), g.First().Rank)).ToArray();
        var offset = commit.Bytes.WrittenCount;
        TickBlockWriter.WriteSharedKeys(commit.Bytes, Columns(series, block), 0, runs, series.Model, series.Model.FieldIds);
        Add(series, commit, BlockKind.SharedKeys, group, offset, block);
    }

    private static void Add(Series series, FlushCommit commit, BlockKind kind,
        uint group, int offset, (TestTick Tick, uint Rank)[] block) =>
        commit.Blocks.Add(new EncodedBlock(
            series.Id, kind, group, block.Min(t => t.Tick.Time), (uint)commit.Blocks.Count,
                offset, commit.Bytes.WrittenCount - offset, block.Length));

    private static TickColumns Columns(Series series, (TestTick Tick, uint Rank)[] block)
    {
        var columns = series.Model.NewColumns();
        columns.EnsureCapacity(block.Length);
        columns.Count = block.Length;
        for (var i = 0; i < block.Length; i++)
        {
            columns.Times[i] = block[i].Tick.Time;
            columns.Sequences[i] = block[i].Tick.Sequence;
            columns.Fields[0][i] = block[i].Tick.Price;
            columns.Fields[1][i] = block[i].Tick.Size;
        }

        return columns;
    }
}
