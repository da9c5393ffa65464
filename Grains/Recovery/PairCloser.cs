using Tikr.Core.Delivery;
using Tikr.Core.Rollup;
using Tikr.Grains.Buckets;
using Tikr.Grains.Metrics;
using Tikr.Grains.Recompute;
using Tikr.Grains.Writing;
using Tikr.Storage;

namespace Tikr.Grains.Recovery;

/// <summary>
/// Brings the stored bars of many pairs up to their stored ticks: recompute, compare-and-set, again on a conflict, then coverage.
/// In chunks, so that memory stays bounded and live requests get their turn.
/// </summary>
internal sealed class PairCloser(
    RecomputeService recompute, BarWriter writer, LiveGateways gateways, GrainMetrics metrics, RepeatReport repeats,
    OverflowReport overflows, OutboxLayout? outbox = null)
{
    private const int ChunkPairs = 16_384;
    private readonly RecomputeService _recompute = recompute;
    private readonly BarWriter _writer = writer;
    private readonly GrainMetrics _metrics = metrics;
    private readonly OutboxLayout? _outbox = outbox;

    /// <summary>
    /// Closes pairs; each that is settled is told to <paramref name="settled"/>, from the store's thread, one at a time per chunk.
    /// </summary>
    /// <param name="pairs">The pairs, in any order.</param>
    /// <param name="settled">Hears of each that is settled.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <param name="publish">Whether bars that change are published.</param>
    /// <returns>How many pairs failed and how many had lost ticks to expiry.</returns>
    public async Task<(int Failed, int Incomplete)> CloseAsync(
        IReadOnlyList<(Series Series, RecoveredPair Pair)> pairs, Action<RecoveredPair>? settled, CancellationToken cancellation,
        bool publish = true)
    {
        var (failed, incomplete) = (0, 0);

        // Near in time and by key: a chunk then needs few scans, whatever order the pairs were found in.
        var sorted = pairs.ToArray();
        Array.Sort(sorted, static (left, right) =>
            (left.Pair.SeriesId, left.Pair.BucketStart, left.Pair.KeyId)
                .CompareTo((right.Pair.SeriesId, right.Pair.BucketStart, right.Pair.KeyId)));
        for (var start = 0; start < sorted.Length; start += ChunkPairs)
        {
            var chunk = new Chunk(Math.Min(ChunkPairs, sorted.Length - start), publish, settled);
            for (var i = 0; i < chunk.Count; i++)
                _recompute.Enqueue(new PairRecompute(this, chunk, sorted[start + i].Series, sorted[start + i].Pair));
            await chunk.Done.WaitAsync(cancellation).ConfigureAwait(false);
            failed += chunk.FailedPairs;
            incomplete += chunk.IncompletePairs;
        }

        return (failed, incomplete);
    }

    private void Cover(PairRecompute item, in FlushVector coverage)
    {
        for (var i = 0; i < coverage.Count; i++)
            gateways.Covered(item.Pair.SeriesId, item.KeyId, item.BucketStart, coverage[i].Epoch, coverage[i].Flush);
    }

    /// <summary>Counts a chunk down.</summary>
    private sealed class Chunk
    {
        private readonly Action<RecoveredPair>? _settled;
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Lock _lock = new();
        private int _left;

        public int Count { get; }

        public bool Publish { get; }

        public Chunk(int count, bool publish, Action<RecoveredPair>? settled) =>
            (_left, Count, Publish, _settled) = (count, count, publish, settled);

        public Task Done => _done.Task;

        public int FailedPairs { get; private set; }

        public int IncompletePairs { get; private set; }

        public void Settled(RecoveredPair pair, bool incomplete)
        {
            lock (_lock)
            {
                _settled?.Invoke(pair);
                if (incomplete) IncompletePairs++;
                if (--_left == 0) _done.TrySetResult();
            }
        }

        public void Failed()
        {
            lock (_lock)
            {
                FailedPairs++;
                if (--_left == 0) _done.TrySetResult();
            }
        }
    }

    private sealed class PairRecompute : RecomputeItem
    {
        private readonly PairCloser _owner;
        private readonly Chunk _chunk;

        public PairRecompute(PairCloser owner, Chunk chunk, Series series, RecoveredPair pair)
            : base(series, pair.KeyId, pair.BucketStart)
        {
            (_owner, _chunk, Pair) = (owner, chunk, pair);
            Cause = RecomputeCause.Recovery;
        }

        public RecoveredPair Pair { get; }

        public override void Completed(in RecomputeResult result)
        {
            if (result.Bar is null)
            {
                if (result.Kind == RecomputeKind.Incomplete) _owner._metrics.Incomplete(Series.Name);
                _owner.Cover(this, result.Coverage);
                _chunk.Settled(Pair, result.Kind == RecomputeKind.Incomplete);
                return;
            }

            var partition = _chunk.Publish ? BarOutboxPartition.Of(Series, KeyId, _owner._outbox) : -1;
            _owner._writer.Enqueue(new PairWrite(this, result, partition, _chunk.Publish));
        }

        public override void Failed(Exception error) => _chunk.Failed();

        public void Written(in BarWriteResult result, in RecomputeResult computed)
        {
            var unchanged = result.Outcome == BarWriteOutcome.Unchanged && result.Current!.Revision == computed.ExpectedRevision;
            if (result.Outcome is not (BarWriteOutcome.Stored or BarWriteOutcome.Expired) && !unchanged)
            {
                ExpectedRevision = result.Current?.Revision ?? -1;
                Cause = RecomputeCause.Conflict;
                _owner._recompute.Enqueue(this);
                return;
            }

            if (result is { Outcome: BarWriteOutcome.Stored }) _owner.Count(this, result.Current!.Revision, computed);
            _owner.Cover(this, computed.Coverage);
            _chunk.Settled(Pair, incomplete: false);
        }
    }

    private void Count(PairRecompute item, int revision, in RecomputeResult computed)
    {
        overflows.Report(item.Series, computed.Overflows);
        if (revision == 0) repeats.Report(item.Series.Name, computed.Repeats);
    }

    private sealed class PairWrite : BarWriteItem
    {
        private readonly PairRecompute _item;
        private readonly RecomputeResult _computed;

        public PairWrite(PairRecompute item, in RecomputeResult computed, int partition, bool publish)
        {
            (_item, _computed) = (item, computed);
            Write = new BarWrite(item.Series, item.KeyId, computed.Bar!, computed.ExpectedRevision, partition, publish);
        }

        public override void Completed(in BarWriteResult result) => _item.Written(result, _computed);

        public override void Failed(Exception error) => _item.Failed(error);
    }
}
