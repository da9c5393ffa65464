using Tikr.Core.Rollup;
using Tikr.Core.Ticks;
using Tikr.Storage;

namespace Tikr.Tests.Support.Memory;

/// <summary>One flush as a gateway makes it: ticks sorted within their key, ranked, encoded as shared blocks, with its manifest.</summary>
public sealed class TestFlush
{
    private readonly Series _series;

    private TestFlush(Series series, FlushId id, IReadOnlyList<CommittedTick> ticks) => (_series, Id, Ticks) = (series, id, ticks);

    /// <summary>Its identity.</summary>
    public FlushId Id { get; }

    /// <summary>Its ticks with their positions, by key.</summary>
    public IReadOnlyList<CommittedTick> Ticks { get; }

    /// <summary>The (key, bucket) pairs it touches.</summary>
    public IEnumerable<BucketRef> Pairs => Ticks.Select(PairOf).Distinct();

    /// <summary>Sorts and ranks ticks.</summary>
    public static TestFlush Of(Series series, FlushId id, IEnumerable<TestTick> ticks)
    {
        var ranked = new List<CommittedTick>();
        foreach (var key in ticks.GroupBy(tick => tick.KeyId).OrderBy(key => key.Key))
        {
            uint rank = 0;
            foreach (var tick in key.OrderBy(tick => tick.Time).ThenBy(tick => tick.Sequence))
                ranked.Add(new CommittedTick(tick, TickPosition.Of(id.Epoch, id.Flush, rank++)));
        }

        return new TestFlush(series, id, ranked);
    }

    /// <summary>The commit.</summary>
    public FlushCommit ToCommit(BlockSharing sharing = BlockSharing.EvenKeys)
    {
        var commit = new FlushCommit { Id = Id };
        var apart = sharing == BlockSharing.AllKeys
            ? Ticks.GroupBy(tick => tick.Tick.Time / FlushCommit.MaxBlockSpanNs)
            : Ticks.GroupBy(tick => (long)tick.Tick.KeyId);
        foreach (var ticks in apart.Select(group => group.ToList()))
        {
            for (var start = 0; start < ticks.Count;)
            {
                var count = 1;
                while (start + count < ticks.Count && count < FlushCommit.MaxBlockTicks
                    && ticks[start + count].Tick.Time - ticks[start].Tick.Time < FlushCommit.MaxBlockSpanNs) count++;
                AddBlock(commit, ticks.GetRange(start, count), sharing);
                start += count;
            }
        }

        commit.Manifest.Add(new ManifestSection(_series.Id, _series.Model.Spec.RollupNs, [.. Pairs]));
        return commit;
    }

    /// <summary>Folds the flush's ticks of one pair into a state.</summary>
    public void Fold(BucketRef pair, long[] state)
    {
        foreach (var tick in Ticks)
        {
            if (PairOf(tick) == pair)
                _series.Model.Add(state, new TickRun(SortedPass.Columns(_series.Model, [tick.Tick]), 0, 1, tick.Position));
        }
    }

    private void AddBlock(FlushCommit commit, List<CommittedTick> ticks, BlockSharing sharing)
    {
        var columns = SortedPass.Columns(_series.Model, ticks.ConvertAll(tick => tick.Tick));
        var offset = commit.Bytes.WrittenCount;
        var (keyId, firstRank) = (ticks[0].Tick.KeyId, RankOf(ticks[0]));
        var shared = sharing == BlockSharing.AllKeys || keyId % 2 == 0;
        var length = shared
            ? TickBlockWriter.WriteSharedKeys(commit.Bytes, columns, 0, Runs(ticks), _series.Model, _series.Model.FieldIds)
            : TickBlockWriter.WriteOneKey(commit.Bytes, columns, 0, ticks.Count, firstRank, _series.Model, _series.Model.FieldIds);
        var (kind, group) = shared ? (BlockKind.SharedKeys, keyId % FlushCommit.SharedGroups) : (BlockKind.OneKey, keyId);
        commit.Blocks.Add(new EncodedBlock(_series.Id, kind, group, ticks.Min(tick => tick.Tick.Time),
            (uint)commit.Blocks.Count, offset, length, ticks.Count));
    }

    private static KeyRun[] Runs(List<CommittedTick> ticks) =>
        [.. ticks.GroupBy(tick => tick.Tick.KeyId).Select(key => new KeyRun(key.Key, 0, key.Count(), RankOf(key.First())))];

    private static uint RankOf(CommittedTick tick) => (uint)tick.Position.Low;

    private BucketRef PairOf(CommittedTick tick) => new(tick.Tick.KeyId, _series.Model.BucketOf(tick.Tick.Time));
}

/// <summary>Which keys of a flush share blocks.</summary>
public enum BlockSharing
{
    /// <summary>No key has ticks in another's block; those of keys with an even number are of the kind that others could share.</summary>
    EvenKeys,

    /// <summary>All keys share all blocks.</summary>
    AllKeys,
}
