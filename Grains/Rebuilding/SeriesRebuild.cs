using Tikr.Core.Rollup;
using Tikr.Core.Specs;
using Tikr.Grains.Recovery;
using Tikr.Storage;

namespace Tikr.Grains.Rebuilding;

/// <summary>
/// Makes the bars of one series again after its bar definition changed, a window of event time at a time: first the buckets that had begun
/// at the change, as they become due, then those before it, newest first. After a restart it goes on where it was.
/// </summary>
internal sealed class SeriesRebuild(Series series, IRebuildStore store, ITickStore ticks, IKeyStore keys, PairCloser closer)
{
    private const int FewPairs = 4_096;
    private const long ShortestNs = 60_000_000_000, LongestNs = 3_600_000_000_000;
    private readonly PairFinder _finder = new(ticks);
    private uint[]? _keys;
    private RebuildWindow? _window;
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

    /// <summary>Does one window, or as much of it as there is room for.</summary>
    /// <param name="settledNs">Buckets due before this wall time have been closed by their grains, if they were delivered to any.</param>
    /// <param name="room">How many bars may be published now.</param>
    /// <param name="cancellation">Ends it; what is done and not saved is done again later, to the same end.</param>
    /// <returns>Whether there was something to do, and room for it.</returns>
    /// <exception cref="StoreUnavailableException">The store did not answer; nothing was saved.</exception>
    public async Task<bool> StepAsync(
        long settledNs, Func<CancellationToken, ValueTask<int>> room, CancellationToken cancellation)
    {
        var window = _window ?? await NextAsync(settledNs, cancellation).ConfigureAwait(false);
        if (window is null) return false;
        _window = null;
        var before = window.Bars;
        await window.MakeAsync(room, cancellation).ConfigureAwait(false);
        Bars += window.Bars - before;
        if (window.IsDone) await SaveAsync(window, cancellation).ConfigureAwait(false);
        else _window = window;
        return window.IsDone || window.Bars > before;
    }

    private async ValueTask<RebuildWindow?> NextAsync(long settledNs, CancellationToken cancellation)
    {
        var rebuild = store.RebuildOf(series);
        _keys ??= await ListKeysAsync(cancellation).ConfigureAwait(false);
        var due = Math.Min(DueEnd(rebuild, settledNs), rebuild.From + _windowNs);

        // Never closed before, so whoever follows the series waits for them.
        if (due > rebuild.From) return Window(rebuild.From, due, isNewestFirst: false, isPublished: true);
        var downTo = Math.Max(rebuild.DownTo, ticks.CompleteFrom(series));
        if (rebuild.Below > downTo)
        {
            var from = Math.Max(series.Model.BucketOf(rebuild.Below - _windowNs), series.Model.BucketOf(downTo));
            return Window(from, rebuild.Below, isNewestFirst: true, series.Model.Spec.Rebuild == RebuildPolicy.Publish);
        }

        if (rebuild.Below > rebuild.DownTo)
            await store.SaveAsync(series, rebuild with { Below = rebuild.DownTo }, cancellation).ConfigureAwait(false);
        return null;
    }

    private RebuildWindow Window(long fromNs, long toNs, bool isNewestFirst, bool isPublished) =>
        new(series, _finder, closer, _keys!)
        {
            FromNs = fromNs,
            ToNs = toNs,
            IsNewestFirst = isNewestFirst,
            IsPublished = isPublished,
        };

    /// <summary>End of the buckets that had begun at the change and are due by now.</summary>
    private long DueEnd(in Rebuild rebuild, long settledNs)
    {
        var model = series.Model;
        return Math.Max(rebuild.From, Math.Min(rebuild.ProvenFrom, model.BucketOf(settledNs - model.Spec.GraceNs)));
    }

    private async ValueTask SaveAsync(RebuildWindow window, CancellationToken cancellation)
    {
        if (window.IsCut) _windowNs = window.ToNs - window.FromNs;
        if (window.Bars < FewPairs) _windowNs = Math.Min(_windowNs * 2, Math.Max(LongestNs, series.Model.Spec.RollupNs));
        var rebuild = store.RebuildOf(series);
        rebuild = window.IsNewestFirst ? rebuild with { Below = window.FromNs } : rebuild with { From = window.ToNs };
        await store.SaveAsync(series, rebuild, cancellation).ConfigureAwait(false);
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
