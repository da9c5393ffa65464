using Tikr.Core.Rollup;
using Tikr.Core.Specs;
using Tikr.Grains.Recovery;
using Tikr.Storage;

namespace Tikr.Grains.Rebuilding;

/// <summary>
/// Makes the bars of one series again after its bar definition changed, a window of event time per step: first the buckets that had begun
/// at the change, as they become due, then those before it, newest first. After a restart it goes on where it was.
/// </summary>
internal sealed class SeriesRebuild(Series series, IRebuildStore store, ITickStore ticks, IKeyStore keys, PairCloser closer)
{
    private const int KeysAtOnce = 16_384, PairsAtOnce = 2_048, FewPairs = 4_096;
    private const long ShortestNs = 60_000_000_000, LongestNs = 3_600_000_000_000;
    private readonly PairFinder _finder = new(ticks);
    private uint[]? _keys;
    private long _windowNs = Math.Max(ShortestNs, series.Model.Spec.RollupNs);

    /// <summary>Bars made so far by this process.</summary>
    public long Bars { get; private set; }

    /// <summary>Whether nothing is left.</summary>
    public bool IsDone => store.RebuildOf(series).IsDone;

    /// <summary>Outbox partitions that what is made goes through; none where it is not published.</summary>
    public IEnumerable<int> OutboxPartitions(OutboxLayout? outbox) =>
        outbox is null || series.Model.Spec is not { Rebuild: RebuildPolicy.Publish, Kafka.OnFailure: not FailurePolicy.Drop }
            ? []
            : Storage.OutboxPartitions.AllOf(series.Id, outbox.PartitionsPerSeries);

    /// <summary>Does one window.</summary>
    /// <param name="settledNs">Buckets due before this wall time have been closed by their grains, if they were delivered to any.</param>
    /// <param name="cancellation">Ends it; what is done and not saved is done again later, to the same end.</param>
    /// <returns>Whether there was something to do.</returns>
    /// <exception cref="StoreUnavailableException">The store did not answer; nothing was saved.</exception>
    public async Task<bool> StepAsync(long settledNs, CancellationToken cancellation)
    {
        var rebuild = store.RebuildOf(series);
        var due = Math.Min(DueEnd(rebuild, settledNs), rebuild.From + _windowNs);
        if (due > rebuild.From)
        {
            // Never closed before, so whoever follows the series waits for them.
            var end = await MakeAsync(rebuild.From, due, newestFirst: false, publish: true, cancellation).ConfigureAwait(false);
            await store.SaveAsync(series, rebuild with { From = end }, cancellation).ConfigureAwait(false);
            return true;
        }

        var downTo = Math.Max(rebuild.DownTo, ticks.CompleteFrom(series));
        if (rebuild.Below <= downTo)
        {
            if (rebuild.Below > rebuild.DownTo)
                await store.SaveAsync(series, rebuild with { Below = rebuild.DownTo }, cancellation).ConfigureAwait(false);
            return false;
        }

        var from = Math.Max(series.Model.BucketOf(rebuild.Below - _windowNs), series.Model.BucketOf(downTo));
        var publish = series.Model.Spec.Rebuild == RebuildPolicy.Publish;
        var start = await MakeAsync(from, rebuild.Below, newestFirst: true, publish, cancellation).ConfigureAwait(false);
        await store.SaveAsync(series, rebuild with { Below = start }, cancellation).ConfigureAwait(false);
        return true;
    }

    /// <summary>End of the buckets that had begun at the change and are due by now.</summary>
    private long DueEnd(in Rebuild rebuild, long settledNs)
    {
        var model = series.Model;
        return Math.Max(rebuild.From, Math.Min(rebuild.ProvenFrom, model.BucketOf(settledNs - model.Spec.GraceNs)));
    }

    /// <summary>Makes the bars of a range, or of as much of it as is good to do at once; answers where that comes to its end.</summary>
    private async Task<long> MakeAsync(long fromNs, long toNs, bool newestFirst, bool publish, CancellationToken cancellation)
    {
        _keys ??= await ListKeysAsync(cancellation).ConfigureAwait(false);
        var bars = 0;
        for (var at = 0; at < _keys.Length;)
        {
            var some = _keys.AsSpan(at, Math.Min(KeysAtOnce, _keys.Length - at)).ToArray();
            if (await _finder.FindAsync(series, some, fromNs, toNs, cancellation).ConfigureAwait(false) is not { } pairs)
            {
                // What has been made of the longer window already is found unchanged.
                _windowNs = Math.Max(series.Model.Spec.RollupNs, (toNs - fromNs) / 2);
                if (newestFirst) fromNs = series.Model.BucketOf(toNs - _windowNs);
                else toNs = series.Model.BucketOf(fromNs + _windowNs);
                at = 0;
                continue;
            }

            var (failed, _) = await closer.CloseAsync(pairs, settled: null, cancellation, publish, PairsAtOnce).ConfigureAwait(false);
            if (failed > 0) throw new StoreUnavailableException($"{failed} bars of series '{series.Name}' could not be made again.");
            bars += pairs.Count;
            at += some.Length;
        }

        Bars += bars;
        if (bars < FewPairs) _windowNs = Math.Min(_windowNs * 2, Math.Max(LongestNs, series.Model.Spec.RollupNs));
        return newestFirst ? fromNs : toNs;
    }

    // Keys that come later have no ticks of before the change, but for late ones, which recompute their bucket themselves.
    private async Task<uint[]> ListKeysAsync(CancellationToken cancellation)
    {
        List<uint> found = [];
        var all = new string?[series.Model.Spec.Dimensions.Length];
        await foreach (var key in keys.ListAsync(series, all, cancellation).ConfigureAwait(false)) found.Add(key.KeyId);
        found.Sort();
        return [.. found];
    }
}
