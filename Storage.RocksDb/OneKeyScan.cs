using System.Runtime.CompilerServices;

namespace Tikr.Storage.RocksDb;

/// <summary>
/// Reads one key: its own blocks and those it shares, merged by the least wanted time. A shared block may begin with another key's ticks,
/// so decoded batches wait until no block further on can begin before them.
/// </summary>
internal static class OneKeyScan
{
    public static async IAsyncEnumerable<TickBatch> ReadAsync(
        RocksDbDatabase database, TickRetention retention, TickRead read, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        var step = new ScanStep(retention, read);
        var keyId = read.Keys[0];
        using var lease = new IteratorLease(database, Family.Ticks, cursors: 2);
        var own = new GroupCursor(lease[0], step, BlockKind.OneKey, keyId);
        var shared = new GroupCursor(lease[1], step, BlockKind.SharedKeys, keyId % FlushCommit.SharedGroups);
        var waiting = new PriorityQueue<TickBatch, (long, FlushId)>(TickOrder.Instance);
        var free = new Stack<TickBatch>();
        own.Look();
        shared.Look();
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            var next = !shared.HasBlock || (own.HasBlock && own.Key.MinTime <= shared.Key.MinTime) ? own : shared;
            if (waiting.TryPeek(out _, out var first) && (!next.HasBlock || first.Item1 < next.Key.MinTime))
            {
                var batch = waiting.Dequeue();
                lease.Park();
                yield return batch;
                free.Push(batch);
                own.Look();
                shared.Look();
                continue;
            }

            if (!next.HasBlock) yield break;
            if (!free.TryPop(out var into)) into = step.NewBatch();
            if (step.Decode(next.Key, next.Block, read.Keys, into))
                waiting.Enqueue(into, (into.Columns.Times[into.Runs[0].Start], into.Flush));
            else free.Push(into);
            next.MoveNext();
        }
    }

    private sealed class TickOrder : IComparer<(long Time, FlushId Flush)>
    {
        public static readonly TickOrder Instance = new();

        public int Compare((long Time, FlushId Flush) x, (long Time, FlushId Flush) y)
        {
            if (x.Time != y.Time) return x.Time.CompareTo(y.Time);
            return x.Flush.Epoch != y.Flush.Epoch ? x.Flush.Epoch.CompareTo(y.Flush.Epoch) : x.Flush.Flush.CompareTo(y.Flush.Flush);
        }
    }
}
