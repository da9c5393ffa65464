using Tikr.Core.Delivery;
using Tikr.Core.Time;
using Tikr.Storage;

namespace Tikr.Gateway.Ingest.Lanes;

/// <summary>What a lane does once a second: acceptance limits, retired manifests, forgotten keys, buckets that no bar covers.</summary>
internal sealed class LaneMaintenance
{
    // Ticks accepted just before complete_from is raised still have to be committed: they must not land below it.
    private const long CompletenessMarginNs = 5_000_000_000;
    private static readonly long PeriodNs = TimeSpan.FromSeconds(1).ToNanoseconds();

    private readonly uint _epoch;
    private readonly LaneSeriesSet _series;
    private readonly Combiner _combiner;
    private readonly LaneServices _services;
    private readonly IngestOptions _options;
    private readonly MemoryReturn _memory;
    private readonly long _uncoveredNs;
    private Task _retiring = Task.CompletedTask, _sweeping = Task.CompletedTask;
    private bool _hasRecovered;
    private ulong _retiredBelow;
    private long _nextEvictionNs = long.MinValue, _nextSweepNs = long.MinValue;

    public LaneMaintenance(
        uint epoch, LaneSeriesSet series, Combiner combiner, bool hasRecovered, LaneServices services)
    {
        _epoch = epoch;
        _series = series;
        _combiner = combiner;
        _services = services;
        _options = services.Options;
        _hasRecovered = hasRecovered;
        _uncoveredNs = _options.UncoveredTimeout.ToNanoseconds();
        _memory = new MemoryReturn(() =>
        {
            combiner.Trim();
            foreach (var one in series.All) one.Active.TrimExcess();
        }, _options.ReturnsMemory);
    }

    /// <summary>When it is to run next, monotonic nanoseconds.</summary>
    public long NextNs { get; private set; } = long.MinValue;

    /// <summary>What the store and recovery were last asked for.</summary>
    public Task Background => Task.WhenAll(_retiring, _sweeping);

    public bool IsDue(in Instant now) => now.MonotonicNs >= NextNs;

    public void Run(in Instant now, ulong lastFlush, bool deliveryUnderWay)
    {
        NextNs = now.MonotonicNs + PeriodNs;
        RaiseEarliest(now.UnixNs);
        Retire(lastFlush);
        EvictIdleKeys(now.MonotonicNs);
        _memory.Run(now.MonotonicNs);
        ForgetRecovered();

        // While partials still queue for their grains, their buckets are not lost, only waiting.
        if (now.MonotonicNs >= _nextSweepNs && _sweeping.IsCompleted && !deliveryUnderWay)
        {
            _nextSweepNs = now.MonotonicNs + (_uncoveredNs / 2);
            _sweeping = SweepAsync(now);
        }

        _services.Observer.Observe(_combiner.Cells, _series.All.Sum(one => one.Ingest.Interner.Count));
    }

    /// <summary>Sets the acceptance limits; also before the first tick comes.</summary>
    public void RaiseEarliest(long nowNs)
    {
        foreach (var one in _series.All)
        {
            var complete = _services.Ticks.CompleteFrom(one.Ingest.Series);
            var from = Math.Max(nowNs - _services.Ticks.TicksTtl.ToNanoseconds(), complete > 0 ? complete + CompletenessMarginNs : 0);
            one.Ingest.EarliestNs = one.Model.FirstBucketFrom(from);
        }
    }

    private void EvictIdleKeys(long nowNs)
    {
        if (nowNs < _nextEvictionNs) return;
        _nextEvictionNs = nowNs + (_options.IdleKeyTimeout.ToNanoseconds() / 4);
        var generation = _services.Messages.Advance();
        foreach (var one in _series.All)
        {
            var gone = one.Ingest.Interner.EvictIdle(
                _options.IdleKeyTimeout,
                static key => LaneKey.Of(key).Cells is not null,
                key => _services.Resident.Remove(one.SeriesId, key.KeyId),
                generation);
            _memory.Gone(gone, nowNs);
        }
    }

    // Pairs that an earlier epoch left open are recomputed until recovery has brought their bars up to them. By the clock they might go
    // before that: it may step, and the store may be away.
    private void ForgetRecovered()
    {
        if (!_hasRecovered || _services.Recovery.HasOpenPairs) return;
        _hasRecovered = false;
        _combiner.ForgetRecovered();
    }

    private void Retire(ulong lastFlush)
    {
        if (!_retiring.IsCompleted) return;
        var below = _combiner.LeastUncovered(lastFlush + 1);
        if (below <= _retiredBelow) return;
        _retiring = RetireAsync(below);
    }

    private async Task RetireAsync(ulong below)
    {
        try
        {
            await _services.Ticks.RetireAsync(_epoch, below, CancellationToken.None).ConfigureAwait(false);
            _retiredBelow = below;
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            _services.Observer.MaintenanceFailed("retire manifests", error);
        }
    }

    private Task SweepAsync(in Instant now)
    {
        var uncovered = new List<RecoveredPair>();
        var pairs = new List<BucketRef>();
        foreach (var one in _series.All)
        {
            pairs.Clear();
            Combiner.FindUncovered(one, now.MonotonicNs - _uncoveredNs, pairs);
            foreach (var pair in pairs) uncovered.Add(new RecoveredPair(one.SeriesId, pair.KeyId, pair.BucketStart));
        }

        return uncovered.Count == 0 ? Task.CompletedTask : RecomputeAsync(uncovered);
    }

    private async Task RecomputeAsync(List<RecoveredPair> pairs)
    {
        try
        {
            _services.Observer.RecomputingUncovered(pairs.Count);
            await _services.Recovery.RecomputeAsync(pairs, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            _services.Observer.MaintenanceFailed("recompute uncovered buckets", error);
        }
    }
}
