using Tikr.Core.Rollup;
using Tikr.Grains.Rebuilding;
using Tikr.Storage;

namespace Tikr.Grains.Recovery;

/// <summary>
/// Closes what is due of pairs of another granularity: a window of event time and a group of keys at a time, it finds the present buckets
/// that have stored ticks, and has their bars made. What it holds in memory is bounded, however many buckets a span stands for.
/// </summary>
internal sealed class SpanCloser(ITickStore ticks, PairCloser closer)
{
    private const int KeysAtOnce = 16_384;
    private readonly PairFinder _finder = new(ticks);

    /// <summary>Closes what is due.</summary>
    /// <param name="open">Has the spans, and is told of those that are settled.</param>
    /// <param name="directory">The series.</param>
    /// <param name="isDue">Whether a bucket of a series is due; never a later one before an earlier one.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>How many pairs were closed, failed, and had lost ticks.</returns>
    public async Task<(int Closed, int Failed, int Incomplete)> CloseAsync(
        OpenPairs open, SeriesDirectory directory, Func<SeriesModel, long, bool> isDue, CancellationToken cancellation)
    {
        var (closed, failed, incomplete) = (0, 0, 0);
        foreach (var alike in open.Spans.ToLookup(one => (one.Span.SeriesId, one.FromNs, one.Span.ToNs), one => one.Span))
        {
            if (!directory.TryFind(alike.Key.SeriesId, out var series)) continue;
            var dueEnd = DueEnd(series.Model, alike.Key.FromNs, alike.Key.ToNs, isDue);
            if (dueEnd == alike.Key.FromNs) continue;
            foreach (var group in alike.OrderBy(span => span.KeyId).Chunk(KeysAtOnce))
            {
                uint[] keys = [.. group.Select(span => span.KeyId)];
                var (some, bad, lost) = await CloseAsync(series, keys, alike.Key.FromNs, dueEnd, cancellation).ConfigureAwait(false);
                (closed, failed, incomplete) = (closed + some, failed + bad, incomplete + lost);
                if (bad > 0) continue;
                foreach (var span in group) open.Settle(span, dueEnd);
            }
        }

        return (closed, failed, incomplete);
    }

    private async Task<(int Closed, int Failed, int Incomplete)> CloseAsync(
        Series series, uint[] keys, long fromNs, long toNs, CancellationToken cancellation)
    {
        var (closed, failed, incomplete) = (0, 0, 0);
        for (var windowNs = toNs - fromNs; fromNs < toNs && failed == 0;)
        {
            var end = Math.Min(toNs, fromNs + windowNs);
            if (await _finder.FindAsync(series, keys, fromNs, end, cancellation).ConfigureAwait(false) is not { } pairs)
            {
                windowNs = Math.Max(series.Model.Spec.RollupNs, series.Model.BucketOf(windowNs / 2));
                continue;
            }

            (failed, var lost) = await closer.CloseAsync(pairs, settled: null, cancellation).ConfigureAwait(false);
            (closed, incomplete, fromNs) = (closed + pairs.Count - failed, incomplete + lost, end);
        }

        return (closed, failed, incomplete);
    }

    // By halves: a day of milliseconds is not to be walked through.
    private static long DueEnd(SeriesModel model, long fromNs, long toNs, Func<SeriesModel, long, bool> isDue)
    {
        var rollupNs = model.Spec.RollupNs;
        var (due, open) = (0L, (toNs - fromNs + rollupNs - 1) / rollupNs);
        while (due < open)
        {
            var middle = (due + open) / 2;
            if (isDue(model, fromNs + (middle * rollupNs))) due = middle + 1;
            else open = middle;
        }

        return fromNs + (due * rollupNs);
    }
}
