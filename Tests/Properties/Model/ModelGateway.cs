using Tikr.Grains;
using Tikr.Storage;
using Tikr.Tests.Support.Memory;

namespace Tikr.Tests.Properties.Model;

/// <summary>
/// A gateway by the rules of docs/state-machine.md: serial flushes, cells that live until covered, exact ranges in partials. Volatile: a
/// crash drops it. One that lives on after its successor has started is a zombie.
/// </summary>
internal sealed class ModelGateway(SeriesHandle series, MemoryStore store, uint epoch)
{
    private readonly Dictionary<BucketRef, Cell> _cells = [];
    private readonly HashSet<BucketRef> _marked = [];
    private readonly Queue<(BucketRef Pair, ulong Last)> _covered = new();
    private ulong _flush;

    public uint Epoch => epoch;

    public MemoryStore Store => store;

    /// <summary>Whether some pair is not covered.</summary>
    public bool HasCells => _cells.Count > 0;

    public IEnumerable<BucketRef> Uncovered => _cells.Keys;

    public void Mark(BucketRef pair) => _marked.Add(pair);

    /// <summary>Commits ticks and folds them; a commit whose answer is lost is retried, unless the process dies between.</summary>
    public async Task<TestFlush> CommitAsync(IEnumerable<TestTick> ticks, Fault fault, bool diesAfter, Action<TestFlush> committed)
    {
        var flush = TestFlush.Of(series, new FlushId(epoch, ++_flush), ticks);
        store.Faults.OnCommit = _ => fault;
        try
        {
            await store.CommitAsync(flush.ToCommit(), default);
        }
        catch (StoreUnavailableException)
        {
            store.Faults.OnCommit = null;
            if (diesAfter)
            {
                if (fault == Fault.AnswerLost) committed(flush);
                return flush;
            }

            await store.CommitAsync(flush.ToCommit(), default);
        }

        store.Faults.OnCommit = null;
        committed(flush);
        if (diesAfter) return flush;
        foreach (var pair in flush.Pairs) Fold(pair, flush);
        return flush;
    }

    /// <summary>Takes the partials of dirty cells.</summary>
    public List<(BucketRef Pair, Partial Partial)> Collect(Func<BucketRef, bool> wanted, long nowNs)
    {
        var partials = new List<(BucketRef, Partial)>();
        foreach (var (pair, cell) in _cells)
        {
            if (cell.From == 0 || !wanted(pair)) continue;
            partials.Add((pair, new Partial
            {
                Epoch = epoch,
                FromFlush = cell.From,
                ToFlush = cell.Last,
                PreviousFlush = cell.Delivered,
                BucketStart = pair.BucketStart,
                State = cell.State,
                Close = nowNs >= series.Plan.DueOf(pair.BucketStart) && cell.Last % 2 == 0,
                Final = nowNs >= series.Plan.DueOf(pair.BucketStart) && cell.Last % 2 != 0,
            }));
            (cell.Delivered, cell.From, cell.State) = (cell.Last, 0, null);
        }

        return partials;
    }

    public void Covered(BucketRef pair, ulong throughFlush)
    {
        // Recovery tells from threads of its own.
        lock (_cells)
        {
            if (!_cells.TryGetValue(pair, out var cell)) return;
            if (throughFlush >= cell.Last) Forget(pair, cell);
            else if (throughFlush >= cell.UncoveredFrom) cell.UncoveredFrom = throughFlush + 1;
        }
    }

    public ValueTask RetireAsync()
    {
        var below = _flush + 1;
        foreach (var cell in _cells.Values) below = Math.Min(below, cell.UncoveredFrom);
        return store.RetireAsync(epoch, below, default);
    }

    // As the real one, it remembers a few covered pairs and forgets the others.
    private void Forget(BucketRef pair, Cell cell)
    {
        _cells.Remove(pair);
        _covered.Enqueue((pair, cell.Last));
        if (_covered.Count > 2) _covered.Dequeue();
    }

    private void Fold(BucketRef pair, TestFlush flush)
    {
        lock (_cells) FoldLocked(pair, flush);
    }

    private void FoldLocked(BucketRef pair, TestFlush flush)
    {
        if (!_cells.TryGetValue(pair, out var cell))
        {
            var recompute = _marked.Contains(pair) || series.Plan.Spec.Dedup == Core.Specs.DedupPolicy.Sequence;
            _cells[pair] = cell = new Cell
            {
                Recompute = recompute,
                UncoveredFrom = flush.Id.Flush,
                Delivered = _covered.LastOrDefault(covered => covered.Pair == pair).Last,
            };
        }

        if (cell.From == 0) cell.From = flush.Id.Flush;
        cell.Last = flush.Id.Flush;
        if (cell.Recompute) return;
        cell.State ??= series.Plan.NewState();
        flush.Fold(pair, cell.State);
    }

    private sealed class Cell
    {
        public long[]? State;
        public bool Recompute;
        public ulong From, Last, Delivered, UncoveredFrom;
    }
}
