using Tikr.Core.Time;
using Tikr.Core.Wire;
using Tikr.Grains;
using Tikr.Storage;

namespace Tikr.Gateway.Ingest;

/// <summary>
/// What the flush loop does once a second: acceptance limits, retired manifests, forgotten keys, buckets that no bar covers.
/// </summary>
internal sealed class Housekeeping(
    uint epoch, IReadOnlyList<SeriesIntake> series, ITickStore store, IRecovery recovery, Combiner combiner, TickMessagePool messages,
    IReadOnlyList<RecoveredPair> recovered, IngestOptions options, IngestObserver observer)
{
    // Ticks accepted just before complete_from is raised still have to be committed: they must not land below it.
    private const long CompletenessMarginNs = 5_000_000_000;
    private readonly long _uncoveredNs = options.UncoveredTimeout.ToNanoseconds();
    private readonly MemoryReturn _memory = new(() =>
    {
        combiner.Trim();
        foreach (var intake in series) intake.Active.TrimExcess();
    }, options.ReturnsMemory);
    private ulong _retiredBelow;
    private long _nextEvictionNs, _nextSweepNs;
    private readonly List<RecoveredPair> _recovered = [.. recovered];
    private Task _retiring = Task.CompletedTask, _sweeping = Task.CompletedTask;

    public void Run(long nowNs, ulong lastFlush, bool deliveryUnderWay)
    {
        foreach (var intake in series) RaiseEarliest(intake, nowNs);
        Retire(lastFlush);
        if (nowNs >= _nextEvictionNs)
        {
            _nextEvictionNs = nowNs + (options.IdleKeyTimeout.ToNanoseconds() / 4);
            var generation = messages.Advance();
            foreach (var intake in series) EvictIdleKeys(intake, generation, nowNs);
        }

        _memory.Run(nowNs);

        ForgetRecovered(nowNs);

        // While partials still queue for their grains, their buckets are not lost, only waiting.
        if (nowNs >= _nextSweepNs && _sweeping.IsCompleted && !deliveryUnderWay)
        {
            _nextSweepNs = nowNs + (_uncoveredNs / 2);
            _sweeping = SweepAsync(nowNs);
        }

        observer.Observe(combiner.Cells, series.Sum(s => s.Ingress.Interner.Count));
    }

    /// <summary>Sets the acceptance limit before the first tick comes.</summary>
    public void RaiseEarliest(SeriesIntake intake, long nowNs)
    {
        var complete = store.CompleteFrom(intake.Handle);
        var from = Math.Max(nowNs - store.TicksTtl.ToNanoseconds(), complete > 0 ? complete + CompletenessMarginNs : 0);
        var bucket = intake.Plan.BucketOf(from);
        intake.Ingress.EarliestNs = bucket == from ? from : intake.Plan.EndOf(bucket);
    }

    private void EvictIdleKeys(SeriesIntake intake, int generation, long nowNs) => _memory.Gone(
        intake.Ingress.Interner.EvictIdle(
            options.IdleKeyTimeout, static key => ((GatewayKey)key).Cells is not null, key =>
                intake.Resident.Remove(key.KeyId), generation),
        nowNs);

    // Pairs that an earlier epoch left open are recomputed when they close, by their grain or by recovery. Their marks may go once that is
    // long past.
    private void ForgetRecovered(long nowNs)
    {
        if (_recovered.Count == 0 || !_recovered.TrueForAll(pair => IsLongPast(pair, nowNs))) return;
        _recovered.Clear();
        combiner.ForgetRecovered();
    }

    private bool IsLongPast(RecoveredPair pair, long nowNs)
    {
        var intake = series.FirstOrDefault(s => s.Handle.SeriesId == pair.SeriesId);
        return intake is null || intake.Plan.DueOf(pair.BucketStart) + _uncoveredNs <= nowNs;
    }

    private void Retire(ulong lastFlush)
    {
        if (!_retiring.IsCompleted) return;
        var below = combiner.LeastUncovered(lastFlush + 1);
        if (below <= _retiredBelow) return;
        _retiring = RetireAsync(below);
    }

    private async Task RetireAsync(ulong below)
    {
        try
        {
            await store.RetireAsync(epoch, below, CancellationToken.None).ConfigureAwait(false);
            _retiredBelow = below;
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            observer.HousekeepingFailed("retire manifests", error);
        }
    }

    private Task SweepAsync(long nowNs)
    {
        var uncovered = new List<RecoveredPair>();
        var pairs = new List<BucketRef>();
        foreach (var intake in series)
        {
            pairs.Clear();
            Combiner.FindUncovered(intake, nowNs - _uncoveredNs, pairs);
            foreach (var pair in pairs) uncovered.Add(new RecoveredPair(intake.Handle.SeriesId, pair.KeyId, pair.BucketStart));
        }

        return uncovered.Count == 0 ? Task.CompletedTask : RecomputeAsync(uncovered);
    }

    private async Task RecomputeAsync(List<RecoveredPair> pairs)
    {
        try
        {
            observer.RecomputingUncovered(pairs.Count);
            await recovery.RecomputeAsync(pairs, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            observer.HousekeepingFailed("recompute uncovered buckets", error);
        }
    }
}
