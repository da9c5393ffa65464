using System.Runtime.CompilerServices;
using Tikr.Core.Ticks;

namespace Tikr.Storage.Timescale.Ticks;

/// <summary>
/// Reads one key: its own blocks and those it shares, merged by the least wanted time. A shared block may begin with another key's ticks,
/// so decoded batches wait until no block further on can begin before them.
/// </summary>
internal static class OneKeyScan
{
    public static async IAsyncEnumerable<TickBatch> ReadAsync(TickFetch fetch, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var step = new TickStep(fetch);
        var keys = fetch.Read.Keys;
        var own = new GroupPages(fetch, TickGroup.Own(keys[0]));
        var shared = new GroupPages(fetch, TickGroup.Shared(keys[0]));
        var waiting = new PriorityQueue<TickBatch, (long Time, uint Epoch, ulong Flush)>();
        var free = new Stack<TickBatch>();
        await own.MoveNextAsync(cancellation).ConfigureAwait(false);
        await shared.MoveNextAsync(cancellation).ConfigureAwait(false);
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            var next = !shared.HasBlock || (own.HasBlock && own.Position.MinTime <= shared.Position.MinTime) ? own : shared;
            if (waiting.TryPeek(out _, out var first) && (!next.HasBlock || first.Time < next.Position.MinTime))
            {
                var batch = waiting.Dequeue();
                yield return batch;
                free.Push(batch);
                continue;
            }

            if (!next.HasBlock) yield break;
            if (!free.TryPop(out var into)) into = step.NewBatch();
            if (step.Decode(next.Position, next.Block, keys, into))
                waiting.Enqueue(into, (FirstTime(into.Columns, into.Runs), into.Flush.Epoch, into.Flush.Flush));
            else free.Push(into);
            await next.MoveNextAsync(cancellation).ConfigureAwait(false);
        }
    }

    private static long FirstTime(TickColumns columns, List<KeyRun> runs) => columns.Times[runs[0].Start];
}
