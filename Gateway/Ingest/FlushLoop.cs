using Tikr.Core.Time;
using Tikr.Grains;

namespace Tikr.Gateway.Ingest;

/// <summary>
/// The one loop of a silo's gateway: takes what the streams left, makes it durable, combines it, delivers it, and keeps house. It runs on
/// its own thread, so that decoding, which fills the thread pool under load, cannot starve it.
/// </summary>
internal sealed class FlushLoop : IDisposable
{
    private static readonly long HousekeepingNs = TimeSpan.FromSeconds(1).ToNanoseconds();

    // A delivery wakes the loop just before its task is complete.
    private static readonly long DeliveryPollNs = TimeSpan.FromMilliseconds(10).ToNanoseconds();
    private readonly PendingTicks _pending;
    private readonly Flusher _flusher;
    private readonly Combiner _combiner;
    private readonly CoverageInbox _coverage;
    private readonly DeliverySchedule _schedule;
    private readonly BarPressure _pressure;
    private readonly ReceiptClock _receipt;
    private readonly Housekeeping _housekeeping;
    private readonly IPartialRouter _router;
    private readonly GatewayWatermark _watermark;
    private readonly Dictionary<ushort, SeriesIntake> _series;
    private readonly IngestOptions _options;
    private readonly IngestObserver _observer;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Thread _thread;
    private readonly List<Delivery> _deliveries = [];
    private Task<bool> _delivery = Task.FromResult(false);
    private long _deliveryBeganNs;
    private long _nextHousekeepingNs;

    public FlushLoop(
        PendingTicks pending, Flusher flusher, Combiner combiner, CoverageInbox coverage, Housekeeping housekeeping, IPartialRouter router,
        GatewayWatermark watermark, IReadOnlyList<SeriesIntake> series, IngestOptions options, IngestObserver observer, TimeProvider time)
    {
        (_pending, _flusher, _combiner, _coverage, _housekeeping) = (pending, flusher, combiner, coverage, housekeeping);
        (_router, _watermark, _options, _observer, _time) = (router, watermark, options, observer, time);
        _series = series.ToDictionary(s => s.Handle.SeriesId);
        _schedule = new DeliverySchedule(series, options);
        _pressure = new BarPressure(options);
        _receipt = new ReceiptClock(series, options);
        _timer = time.CreateTimer(
            static state => ((PendingTicks)state!).Wake(), pending, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _thread = new Thread(Run) { Name = "tikr flush", IsBackground = true };
    }

    public void Start() => _thread.Start();

    /// <summary>Commits what is pending and ends the loop.</summary>
    public Task StopAsync()
    {
        _pending.Close(new OperationCanceledException("The server is stopping."));
        _stopping.Cancel();
        _pending.Wake();
        return Task.Run(_thread.Join);
    }

    public void Dispose()
    {
        _timer.Dispose();
        _stopping.Dispose();
    }

    private void Run()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                Step(_time.GetUnixNanoseconds());
            }
            catch (Exception error) when (error is not OutOfMemoryException)
            {
                _observer.LoopFailed(error);
            }

            SetTimer(_time.GetUnixNanoseconds());
            _pending.Wait();
        }

        FlushPending();
    }

    private void Step(long nowNs)
    {
        foreach (ref readonly var covered in _coverage.Take())
        {
            if (_series.TryGetValue(covered.SeriesId, out var series))
                _combiner.Covered(series, covered.KeyId, covered.BucketStart, covered.ThroughFlush);
        }

        if (!_pressure.HoldsUp(nowNs, _router.WaitingBars, _delivery.IsCompleted ? 0 : nowNs - _deliveryBeganNs)) FlushAndDeliver(nowNs);
        if (nowNs < _nextHousekeepingNs) return;
        _nextHousekeepingNs = nowNs + HousekeepingNs;
        // With ticks waiting the next flush decides it.
        if (_combiner.HasUndecided && _pending.Uncommitted == 0) _flusher.Decide();
        _housekeeping.Run(nowNs, _flusher.Flush, deliveryUnderWay: !_delivery.IsCompleted);
    }

    private void FlushAndDeliver(long nowNs)
    {
        var deliver = _delivery.IsCompleted && _schedule.IsDue(nowNs);
        if (deliver) _receipt.Look();
        if (deliver || _pending.IsDue(nowNs, out _)) FlushPending();
        if (deliver) Deliver(nowNs);
    }

    private void FlushPending()
    {
        var batch = _pending.Take();
        if (batch.Messages.Count == 0) return;
        var ticks = batch.Ticks;
        _flusher.Run(batch, _stopping.Token);
        _pending.Done(ticks);
        _pressure.Tried(_time.GetUnixNanoseconds());
    }

    // What had been received has just been flushed, so once these partials are applied the watermark may say so.
    private void Deliver(long nowNs)
    {
        if (_delivery.Result) _combiner.Recycle(_deliveries);
        _deliveries.Clear();
        var (dirty, throughNs) = (_combiner.Dirty, _receipt.ThroughNs(nowNs));
        _combiner.Collect(_deliveries, nowNs, throughNs, _options.PastBucketIdle.ToNanoseconds(), onlyDue: !_schedule.RefreshIsDue(nowNs));
        _schedule.Delivered(nowNs, throughNs, dirty);
        if (_deliveries.Count == 0)
        {
            _watermark.Advance(throughNs);
            return;
        }

        _deliveryBeganNs = nowNs;
        _delivery = DeliverAsync(throughNs);
    }

    private async Task<bool> DeliverAsync(long throughNs)
    {
        var applied = false;
        try
        {
            applied = await _router.DeliverAsync(_deliveries, _stopping.Token).ConfigureAwait(false);
            _watermark.Advance(throughNs);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            if (!_stopping.IsCancellationRequested) _observer.DeliveryFailed(_deliveries.Count, error);
        }

        _pending.Wake();
        return applied;
    }

    private void SetTimer(long nowNs)
    {
        _ = _pending.IsDue(nowNs, out var wakeNs);
        wakeNs = Math.Min(wakeNs, _nextHousekeepingNs);
        wakeNs = Math.Min(wakeNs, _delivery.IsCompleted ? Math.Min(_schedule.NextDueNs, _schedule.NextRefreshNs) : nowNs + DeliveryPollNs);
        var wait = Math.Max(_pressure.IsHigh ? 5 : 1, (long)Math.Ceiling((wakeNs - nowNs) / 1e6));
        _timer.Change(TimeSpan.FromMilliseconds(wait), Timeout.InfiniteTimeSpan);
    }
}
