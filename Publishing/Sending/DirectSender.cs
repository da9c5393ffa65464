using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Tikr.Publishing.Metrics;
using Tikr.Publishing.Records;

namespace Tikr.Publishing.Sending;

/// <summary>
/// Sends the bars of a series that does not spool (<c>on_failure: drop</c>): from memory, once. What cannot be delivered in its time, or
/// does not fit in memory, is dropped and counted.
/// </summary>
internal sealed class DirectSender(PublishedSeries output, IRecordSink sink, ITopicGate gate, TimeSpan patience,
    SenderStatus status, TimeProvider time, ILogger logger) : IDeliveryReports, IAsyncDisposable
{
    private const int Capacity = 262_144, BatchEntries = 1_024;
    private static readonly TimeSpan RoomPause = TimeSpan.FromMilliseconds(5),
        GatePause = TimeSpan.FromMilliseconds(100), LongPause = TimeSpan.FromSeconds(1);
    private readonly Lock _queueGate = new();
    private readonly Queue<WaitingEntry> _queue = new();
    private readonly List<WaitingEntry> _batch = new(BatchEntries);
    private readonly HashSet<uint> _unknownKeys = [];
    private readonly PayloadBuffers _buffers = new();
    private readonly Wake _wake = new(time);
    private readonly CancellationTokenSource _stop = new();
    private Task _loop = Task.CompletedTask;
    private int _sent, _unreported;
    private long _overflow, _uncounted;
    private bool _needsKeys, _isOpen;
    private long _began;

    /// <summary>Bars waiting, under way, or delivered and not counted yet.</summary>
    public long Depth
    {
        get
        {
            lock (_queueGate) return _queue.Count + Volatile.Read(ref _unreported) + Interlocked.Read(ref _uncounted);
        }
    }

    /// <summary>Begins to run.</summary>
    public void Start()
    {
        _began = time.GetTimestamp();
        _loop = Task.Run(RunAsync);
    }

    /// <summary>Offers a bar that was stored.</summary>
    public void Offer(in WaitingEntry entry)
    {
        lock (_queueGate)
        {
            if (_queue.Count < Capacity) _queue.Enqueue(entry);
            else _overflow++;
        }
    }

    /// <summary>Wakes the loop after offers.</summary>
    public void Nudge() => _wake.Set();

    /// <inheritdoc/>
    public void Delivered(long token)
    {
        EndFlight();
        Interlocked.Increment(ref _uncounted);
    }

    /// <inheritdoc/>
    public void Failed(long token, SendFailure failure)
    {
        EndFlight();
        Drop(failure.Kind == SendFailureKind.Record ? DropReasons.Refused : DropReasons.DeliveryFailed, 1);
    }

    /// <summary>Ends; what waits is dropped and counted.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        _wake.Set();
        await _loop.ConfigureAwait(false);
        CountDelivered();
        lock (_queueGate)
        {
            var left = _queue.Count + (_batch.Count - _sent);
            if (left > 0) Drop(DropReasons.DeliveryFailed, left);
            _queue.Clear();
        }

        _wake.Dispose();
        _stop.Dispose();
    }

    /// <summary>One round; returns how long the next may wait.</summary>
    private async ValueTask<TimeSpan> StepAsync(CancellationToken cancellation)
    {
        CountDelivered();
        _isOpen = _isOpen || gate.IsOpen(output.Topic) || time.GetElapsedTime(_began) >= patience;
        if (!_isOpen) return GatePause;
        if (_sent == _batch.Count && !TakeBatch()) return LongPause;
        if (_needsKeys) await output.ResolveAsync(_unknownKeys, cancellation).ConfigureAwait(false);
        _needsKeys = false;
        for (; _sent < _batch.Count; _sent++)
        {
            if (!TrySend(_batch[_sent])) return RoomPause;
        }

        return TimeSpan.FromTicks(1);
    }

    /// <summary>Hands an entry over, or drops it if its key is gone; false if there is no room for it.</summary>
    private bool TrySend(in WaitingEntry entry)
    {
        if (output.KeyOf(entry.KeyId) is not { } key)
        {
            Drop(DropReasons.UnknownKey, 1);
            return true;
        }

        Interlocked.Increment(ref _unreported);
        if (sink.TrySend(output.RecordOf(entry, key, _buffers), this, 0)) return true;
        EndFlight();
        return false;
    }

    private void EndFlight()
    {
        var left = Interlocked.Decrement(ref _unreported);
        Debug.Assert(left >= 0, "More delivery reports than records handed over");
    }

    private void CountDelivered()
    {
        var delivered = Interlocked.Exchange(ref _uncounted, 0);
        if (delivered > 0) status.Metrics.Delivered(output.Topic, output.Name, delivered);
    }

    private void Drop(string reason, long records) => status.Drops.Dropped(output.Topic, output.Name, reason, records);

    private bool TakeBatch()
    {
        long overflow;
        lock (_queueGate)
        {
            overflow = _overflow;
            _overflow = 0;
            _batch.Clear();
            _sent = 0;
            while (_batch.Count < BatchEntries && _queue.TryDequeue(out var entry)) _batch.Add(entry);
        }

        if (overflow > 0) Drop(DropReasons.QueueFull, overflow);
        if (_batch.Count == 0) return false;
        _unknownKeys.Clear();
        foreach (var entry in _batch)
        {
            if (output.KeyOf(entry.KeyId) is null) _unknownKeys.Add(entry.KeyId);
        }

        _needsKeys = _unknownKeys.Count > 0;
        return true;
    }

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await _wake.WaitAsync(await StepAsync(_stop.Token).ConfigureAwait(false), _stop.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error) when (error is not OutOfMemoryException)
            {
                // The store did not tell the keys: the batch is tried again.
                Log.SenderFailed(logger, output.Name, -1, error);
                await PauseAsync().ConfigureAwait(false);
            }
        }
    }

    private async Task PauseAsync()
    {
        try
        {
            await Task.Delay(LongPause, time, _stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }
}
