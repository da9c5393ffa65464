using System.Diagnostics;
using Tikr.Core.Delivery;
using Tikr.Core.Time;
using Tikr.Storage;

namespace Tikr.Gateway.Ingest.Lanes;

/// <summary>
/// The ingest engine between the streams and the grains: takes what the streams left in its queue, makes it durable, combines it into
/// partial bars, delivers them, and forgets what stored bars cover. An object to be stepped, without a thread and without a wait:
/// <see cref="LaneThread"/>, tests and benchmarks drive it alike. One epoch, one flush under way, one delivery under way.
/// </summary>
internal sealed class FlushLane : ICoverageSink, IDisposable
{
    // A delivery wakes the lane just before its task is complete.
    private static readonly long DeliveryPollNs = TimeSpan.FromMilliseconds(10).ToNanoseconds();
    private static readonly long DeliverAgainPauseNs = TimeSpan.FromMilliseconds(200).ToNanoseconds();
    private static readonly long PressurePollNs = TimeSpan.FromMilliseconds(5).ToNanoseconds();

    private readonly LaneServices _services;
    private readonly LaneSeriesSet _series;
    private readonly PastCells _past;
    private readonly Combiner _combiner;
    private readonly Flusher _flusher;
    private readonly CoverageInbox _coverage = new();
    private readonly DeliverySchedule _schedule;
    private readonly BarPressure _pressure;
    private readonly ReceiptClock _receipt;
    private readonly LaneMaintenance _maintenance;
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<Delivery> _deliveries = [];
    private Task<bool> _delivery = Task.FromResult(false);
    private Instant? _deliverAfterRetries;
    private long _deliveryBeganNs;
    private int _division;
    private long _deliverAgainNs = long.MinValue;

    /// <summary>Makes a lane of everything that it consists of: the only composition there is.</summary>
    /// <param name="epoch">Its epoch, allocated by the store, greater than all before.</param>
    /// <param name="series">The series that it takes ticks of.</param>
    /// <param name="open">Pairs that earlier epochs left open: their bars are recomputed.</param>
    /// <param name="services">The world.</param>
    public FlushLane(uint epoch, IngestSeriesSet series, IReadOnlyList<RecoveredPair> open, LaneServices services)
    {
        (Epoch, _services) = (epoch, services);
        _division = services.Router.Division;
        _series = new LaneSeriesSet(series);
        _past = new PastCells(_series, services.Options);
        _combiner = new Combiner(epoch, _past);
        foreach (var pair in open) _combiner.MarkRecovered(pair.SeriesId, new BucketRef(pair.KeyId, pair.BucketStart));
        Queue = new IngestQueue(services.Options, services.Time);
        _flusher = new Flusher(epoch, _series, _combiner, services);
        _schedule = new DeliverySchedule(_series, services.Options);
        _pressure = new BarPressure(services.Options);
        _receipt = new ReceiptClock(_series, services.Options);
        _maintenance = new LaneMaintenance(epoch, _series, _combiner, open.Count > 0, services);
        _maintenance.RaiseEarliest(services.Time.GetUnixNanoseconds());
    }

    /// <summary>Its epoch.</summary>
    public uint Epoch { get; }

    /// <summary>Where streams leave their messages.</summary>
    public IngestQueue Queue { get; }

    /// <summary>Pairs that no stored bar is known to cover.</summary>
    public int Cells => _combiner.Cells;

    /// <summary>Whether a delivery is under way.</summary>
    public bool IsDelivering => !_delivery.IsCompleted;

    /// <summary>Completes when the store and recovery have done what maintenance last asked of them.</summary>
    public Task Background => _maintenance.Background;

    /// <summary>Whether <see cref="Stop"/> has been called.</summary>
    public bool IsStopping => _stopping.IsCancellationRequested;

    /// <inheritdoc/>
    public void Covered(ushort seriesId, uint keyId, long bucketStart, ulong throughFlush) =>
        _coverage.Add(new Coverage(seriesId, keyId, bucketStart, throughFlush));

    /// <summary>As <see cref="Step"/>; an unexpected error is logged and the lane goes on.</summary>
    public long TryStep(in Instant now)
    {
        try
        {
            return Step(now);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            _services.Observer.LaneFailed(error);
            return NextStep(now);
        }
    }

    /// <summary>Does what is to be done now.</summary>
    /// <returns>When it wants to be stepped again, unless its queue is woken before; monotonic nanoseconds.</returns>
    public long Step(in Instant now)
    {
        _series.Follow();
        TakeCoverage();
        DeliverAgain(now);
        if (_flusher.IsRetrying) RetryAndDeliver(now);
        else if (!HoldsUp(now)) FlushAndDeliver(now);
        if (_maintenance.IsDue(now)) Maintain(now);
        return NextStep(Instant.Of(_services.Time));
    }

    /// <summary>Takes no more messages. The lane still wants one <see cref="Finish"/>.</summary>
    public void Stop()
    {
        Queue.Close(new OperationCanceledException("The server is stopping."));
        _stopping.Cancel();
        Queue.Wake();
    }

    /// <summary>Commits what waits; a commit that fails is not tried again.</summary>
    public void Finish(in Instant now)
    {
        if (Flush(now)) Flush(now);
    }

    public void Dispose()
    {
        Queue.Dispose();
        _stopping.Dispose();
    }

    private void TakeCoverage()
    {
        foreach (ref readonly var covered in _coverage.Take())
        {
            for (var series = _series.Find(covered.SeriesId); series is not null; series = series.Before)
                _combiner.Covered(series, covered.KeyId, covered.BucketStart, covered.ThroughFlush);
        }
    }

    // Before anything is delivered under a new division: who took over a key then knows of everything that was delivered before it.
    private void DeliverAgain(in Instant now)
    {
        _combiner.Announces = _services.Gateways.Now.Count > 1;
        var division = _services.Router.Division;
        if (division == _division || IsDelivering || now.MonotonicNs < _deliverAgainNs) return;
        if (_delivery.Result) _combiner.Recycle(_deliveries);
        _deliveries.Clear();
        _division = division;
        _combiner.CollectAgain(_deliveries, _series.All);
        _deliveryBeganNs = now.MonotonicNs;
        _deliverAgainNs = now.MonotonicNs + DeliverAgainPauseNs;
        _delivery = DeliverAgainAsync(division);
    }

    private async Task<bool> DeliverAgainAsync(int division)
    {
        try
        {
            var taken = _deliveries.Count == 0
                || await _services.Router.DeliverAsync(_deliveries, _stopping.Token).ConfigureAwait(false);
            if (taken) _services.Router.DeliveredAgain(Epoch, division);
            else _division = -1;
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            _division = -1;
            if (!IsStopping) _services.Observer.DeliveryFailed(_deliveries.Count, error);
        }

        Queue.Wake();
        return false;
    }

    private bool HoldsUp(in Instant now) => _pressure.HoldsUp(
        now.MonotonicNs, _services.Router.WaitingBars, IsDelivering ? now.MonotonicNs - _deliveryBeganNs : 0);

    // What had been received when the step began is flushed before a delivery: once it is applied, the watermark may say so.
    private void FlushAndDeliver(in Instant now)
    {
        var deliver = !IsDelivering && _schedule.IsDue(now);
        if (deliver) _receipt.Look();
        if (deliver || Queue.IsDue(now.MonotonicNs, out _))
        {
            if (!Flush(now))
            {
                _deliverAfterRetries = deliver ? now : null;
                return;
            }
        }

        if (deliver) Deliver(now);
    }

    // While a store is away for long, each flush that is given up still lets the bars of those before it be delivered.
    private void RetryAndDeliver(in Instant now)
    {
        if (!Flush(now) || _deliverAfterRetries is not { } began) return;
        _deliverAfterRetries = null;

        // A new division may have had everything delivered again meanwhile; the schedule still wants this one.
        if (!IsDelivering) Deliver(began);
    }

    /// <summary>Brings the flush under way, or the next one, to its end; false if its commit has to be tried again later.</summary>
    private bool Flush(in Instant now)
    {
        if (_flusher.IsRetrying)
        {
            if (!IsStopping && now.MonotonicNs < _flusher.NextAttemptNs) return false;
            if (!_flusher.Retry(giveUp: IsStopping)) return false;
        }
        else
        {
            var batch = Queue.Take();
            if (batch.Messages.Count == 0) return true;
            if (!_flusher.Run(batch, giveUp: IsStopping)) return false;
        }

        Queue.Done(_flusher.SettledTicks);
        _pressure.Tried(Instant.MonotonicOf(_services.Time));
        return true;
    }

    private void Deliver(in Instant now)
    {
        Debug.Assert(!IsDelivering, "Deliveries follow each other.");
        if (_delivery.Result) _combiner.Recycle(_deliveries);
        _deliveries.Clear();
        var (dirty, throughNs) = (_combiner.Dirty, _receipt.ThroughNs(now));
        _combiner.Collect(_deliveries, now.MonotonicNs, throughNs, onlyDue: !_schedule.RefreshIsDue(now));
        if (_past.ClosedEarly > 0) _services.Observer.ClosedEarly(_past.ClosedEarly);
        _schedule.Delivered(now, throughNs, dirty);
        if (_deliveries.Count == 0)
        {
            _services.Gateways.Advance(Epoch, throughNs, now.MonotonicNs);
            return;
        }

        _deliveryBeganNs = now.MonotonicNs;
        _delivery = DeliverAsync(throughNs);
    }

    private async Task<bool> DeliverAsync(long throughNs)
    {
        var applied = false;
        try
        {
            applied = await _services.Router.DeliverAsync(_deliveries, _stopping.Token).ConfigureAwait(false);
            _services.Gateways.Advance(Epoch, throughNs, Instant.MonotonicOf(_services.Time));
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            if (!IsStopping) _services.Observer.DeliveryFailed(_deliveries.Count, error);
        }

        Queue.Wake();
        return applied;
    }

    private void Maintain(in Instant now)
    {
        if (_flusher.IsRetrying)
        {
            // All else has time until the flush is settled; what is received meanwhile must not be of what the store has deleted.
            _maintenance.RaiseEarliest(now.UnixNs);
            return;
        }

        // With ticks waiting the next flush decides it.
        if (_combiner.HasUndecided && Queue.Uncommitted == 0) _flusher.Decide();
        _maintenance.Run(now, _flusher.Flush, IsDelivering);
    }

    private long NextStep(in Instant now)
    {
        if (_flusher.IsRetrying) return _flusher.NextAttemptNs;
        var nextNs = _maintenance.NextNs;
        _ = Queue.IsDue(now.MonotonicNs, out var flushNs);
        nextNs = Math.Min(nextNs, flushNs);
        nextNs = Math.Min(nextNs, IsDelivering ? now.MonotonicNs + DeliveryPollNs : _schedule.NextNs);
        return _pressure.IsHigh ? Math.Max(nextNs, now.MonotonicNs + PressurePollNs) : nextNs;
    }
}
