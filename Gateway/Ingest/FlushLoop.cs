using Tikr.Core.Time;
using Tikr.Grains;

namespace Tikr.Gateway.Ingest;

/// <summary>
/// The one loop of a silo's gateway: takes what the streams left, makes it durable, combines it, delivers it, and keeps house. It runs on its own
/// thread, so that decoding, which fills the thread pool under load, cannot starve it.
/// </summary>
internal sealed class FlushLoop : IDisposable
{
    private static readonly long HousekeepingNs = TimeSpan.FromSeconds(1).ToNanoseconds();
    private readonly PendingTicks _pending;
    private readonly Flusher _flusher;
    private readonly Combiner _combiner;
    private readonly CoverageInbox _coverage;
    private readonly DeliverySchedule _schedule;
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
    private Task _delivery = Task.CompletedTask;
    private long _nextHousekeepingNs;

    public FlushLoop(
        PendingTicks pending, Flusher flusher, Combiner combiner, CoverageInbox coverage, Housekeeping housekeeping, IPartialRouter router,
        GatewayWatermark watermark, IReadOnlyList<SeriesIntake> series, IngestOptions options, IngestObserver observer, TimeProvider time)
    {
        (_pending, _flusher, _combiner, _coverage, _housekeeping) = (pending, flusher, combiner, coverage, housekeeping);
        (_router, _watermark, _options, _observer, _time) = (router, watermark, options, observer, time);
        _series = series.ToDictionary(s => s.Handle.SeriesId);
        _schedule = new DeliverySchedule(series, options);
        _timer = time.CreateTimer(static state => ((PendingTicks)state!).Wake(), pending, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
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
        while (_coverage.TryTake(out var covered))
        {
            if (_series.TryGetValue(covered.SeriesId, out var series))
                _combiner.Covered(series, covered.KeyId, covered.BucketStart, covered.ThroughFlush);
        }

        var deliver = _delivery.IsCompleted && _schedule.IsDue(nowNs);
        if (deliver || _pending.IsDue(nowNs, out _)) FlushPending();
        if (deliver) Deliver(nowNs);
        if (nowNs < _nextHousekeepingNs) return;
        _nextHousekeepingNs = nowNs + HousekeepingNs;
        _housekeeping.Run(nowNs, _flusher.Flush, deliveryUnderWay: !_delivery.IsCompleted);
    }

    private void FlushPending()
    {
        var batch = _pending.Take();
        if (batch.Messages.Count == 0) return;
        var ticks = batch.Ticks;
        _flusher.Run(batch, _stopping.Token);
        _pending.Done(ticks);
    }

    // Everything received before nowNs has just been flushed, so once these partials are applied the watermark may say so.
    private void Deliver(long nowNs)
    {
        var deliveries = new List<Delivery>();
        var dirty = _combiner.Dirty;
        _combiner.Collect(deliveries, nowNs, _options.PastBucketIdle.ToNanoseconds(), onlyDue: !_schedule.RefreshIsDue(nowNs));
        _schedule.Delivered(nowNs, dirty);
        if (deliveries.Count == 0)
        {
            _watermark.DeliveredThroughNs = nowNs;
            return;
        }

        _delivery = DeliverAsync(deliveries, nowNs);
    }

    private async Task DeliverAsync(List<Delivery> deliveries, long nowNs)
    {
        try
        {
            await _router.DeliverAsync(deliveries, _stopping.Token).ConfigureAwait(false);
            _watermark.DeliveredThroughNs = nowNs;
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            if (!_stopping.IsCancellationRequested) _observer.DeliveryFailed(deliveries.Count, error);
        }

        _pending.Wake();
    }

    private void SetTimer(long nowNs)
    {
        _ = _pending.IsDue(nowNs, out var wakeNs);
        wakeNs = Math.Min(wakeNs, _nextHousekeepingNs);
        if (_delivery.IsCompleted) wakeNs = Math.Min(wakeNs, Math.Min(_schedule.NextDueNs, _schedule.NextRefreshNs));
        var wait = Math.Max(1, (long)Math.Ceiling((wakeNs - nowNs) / 1e6));
        _timer.Change(TimeSpan.FromMilliseconds(wait), Timeout.InfiniteTimeSpan);
    }
}
