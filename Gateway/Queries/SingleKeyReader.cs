using Tikr.Core.Rollup;
using Tikr.Core.Ticks;
using Tikr.Storage;

namespace Tikr.Gateway.Queries;

/// <summary>
/// Streams the ticks of one key in order. Stored blocks may overlap in time, so a tick is given out once no later block can hold an
/// earlier one; only ticks of overlapping blocks are held in memory.
/// </summary>
internal sealed class SingleKeyReader(ITickStore store)
{
    private readonly TickMerge _merge = new();
    private readonly Stack<TickColumns> _free = new();

    /// <summary>Sends the key's ticks; false if the sender wants no more.</summary>
    public async Task<bool> RunAsync(QueryRange range, uint key, TickSender sender, CancellationToken cancellation)
    {
        var read = new TickRead(range.Series, [key], range.FromNs, range.ToNs);
        await foreach (var batch in store.ReadAsync(read, cancellation).ConfigureAwait(false))
        {
            if (!await SendBeforeAsync(LeastTimeFrom(batch), sender, cancellation).ConfigureAwait(false)) return false;
            foreach (var run in batch.Runs) _merge.Add(Copied(range.Series, batch, run));
        }

        return await SendBeforeAsync(long.MaxValue, sender, cancellation).ConfigureAwait(false);
    }

    /// <summary>
    /// No tick of this batch or a later one is earlier. A block spans little time, which bounds it even where its least tick was not
    /// wanted.
    /// </summary>
    private static long LeastTimeFrom(TickBatch batch)
    {
        var least = batch.LeastTime;
        foreach (var run in batch.Runs)
        {
            least = Math.Max(least, batch.Columns.Times[run.Start + run.Count - 1] - FlushCommit.MaxBlockSpanNs);
        }

        return least;
    }

    private TickSlice Copied(Series series, TickBatch batch, KeyRun run)
    {
        if (!_free.TryPop(out var columns)) columns = series.Model.NewColumns();
        columns.Count = 0;
        columns.Append(batch.Columns, run.Start, run.Count);
        return new TickSlice(columns, 0, run.Count, TickPosition.Of(batch.Flush.Epoch, batch.Flush.Flush, run.FirstRank));
    }

    private async ValueTask<bool> SendBeforeAsync(long before, TickSender sender, CancellationToken cancellation)
    {
        while (_merge.TryTake(before, out var stretch))
        {
            if (!await sender.SendAsync(stretch, cancellation).ConfigureAwait(false)) return false;
            if (stretch.Start + stretch.Count == stretch.Columns.Count) _free.Push(stretch.Columns);
        }

        return true;
    }
}
