using System.Runtime.InteropServices;
using Tikr.Core.Delivery;
using Tikr.Core.Rollup;
using Tikr.Storage;

namespace Tikr.Grains.Rebuilding;

/// <summary>Finds the pairs that have stored ticks.</summary>
internal sealed class PairFinder(ITickStore ticks)
{
    /// <summary>Most pairs found at once, unless a single bucket has more.</summary>
    public const int MaxPairs = 65_536;

    /// <summary>The pairs of some keys in [fromNs, toNs); null if there are more than <see cref="MaxPairs"/> in several buckets.</summary>
    public async Task<List<(Series Series, RecoveredPair Pair)>?> FindAsync(
        Series series, uint[] keys, long fromNs, long toNs, CancellationToken cancellation)
    {
        var model = series.Model;
        var isDivisible = toNs - fromNs > model.Spec.RollupNs;
        var found = new HashSet<BucketRef>();
        var read = new TickRead(series, keys, fromNs, toNs) { IncludesExpired = true };
        await foreach (var batch in ticks.ReadAsync(read, cancellation).ConfigureAwait(false))
        {
            Collect(model, batch, found);
            if (isDivisible && found.Count > MaxPairs) return null;
        }

        return [.. found.Select(pair => (series, new RecoveredPair(series.Id, pair.KeyId, pair.BucketStart)))];
    }

    private static void Collect(SeriesModel model, TickBatch batch, HashSet<BucketRef> found)
    {
        foreach (ref readonly var run in CollectionsMarshal.AsSpan(batch.Runs))
        {
            var bucket = -1L;
            foreach (var time in batch.Columns.Times.AsSpan(run.Start, run.Count))
            {
                if (bucket >= 0 && time >= bucket && time < model.EndOf(bucket)) continue;
                bucket = model.BucketOf(time);
                found.Add(new BucketRef(run.KeyId, bucket));
            }
        }
    }
}
