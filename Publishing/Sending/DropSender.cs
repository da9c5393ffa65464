using Microsoft.Extensions.Logging;
using Tikr.Publishing.Metrics;
using Tikr.Publishing.Records;

namespace Tikr.Publishing.Sending;

/// <summary>
/// Sends the bars of a series that does not spool (<c>on_failure: drop</c>): from memory, once. What cannot be delivered in its time, or
/// does not fit in memory, is dropped and counted.
/// </summary>
internal sealed class DropSender(SeriesOutput output, IRecordSink sink, ITopicGate gate, TimeSpan patience,
    OutputReport report, TimeProvider time, ILogger logger) : ISendReports, IAsyncDisposable
{
    private const int Capacity = 262_144, BatchEntries = 1_024;
    private static readonly TimeSpan RoomPause = TimeSpan.FromMilliseconds(5),
        GatePause = TimeSpan.FromMilliseconds(100), LongPause = TimeSpan.FromSeconds(1);
    private readonly Lock _gate = new();
    private readonly Queue<WaitingEntry> _queue = new();
    private readonly List<WaitingEntry> _batch = new(BatchEntries);
    private readonly HashSet<uint> _unknownKeys = [];
    private readonly PayloadBuffers _buffers = new();
    private readonly Wake _wake = new(time);
    private readonly CancellationTokenSource _stop = new();
    private Task _loop = Task.CompletedTask;
    private int _sent, _underWay;
    private long _overflow, _delivered;
    private bool _needsKeys, _isOpen;
    private long _began;

    /// <summary>The series.</summary>
    public SeriesOutput Output => output;

    /// <summary>Bars waiting, under way, or delivered and not counted yet.</summary>
    public long Depth
    {
        get
        {
            lock (_gate) return _queue.Count + Volatile.Read(ref _underWay) + Interlocked.Read(ref _delivered);
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
        lock (_gate)
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
        Interlocked.Decrement(ref _underWay);
        Interlocked.Increment(ref _delivered);
    }

    /// <inheritdoc/>
    public void Failed(long token, SendFailure failure)
    {
        Interlocked.Decrement(ref _underWay);
        report.Drops.Dropped(output.Topic, output.Name, failure.Kind == SendFailureKind.Record
            ? DropReasons.Refused : DropReasons.DeliveryFailed, 1);
    }

    /// <summary>Ends; what waits is dropped and counted.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        _wake.Set();
        await _loop.ConfigureAwait(false);
        CountDelivered();
        lock (_gate)
        {
            var left = _queue.Count + (_batch.Count - _sent);
            if (left > 0) report.Drops.Dropped(output.Topic, output.Name, DropReasons.DeliveryFailed, left);
            _queue.Clear();
        }

        _wake.Dispose();
        _stop.Dispose();
    }

    /// <summary>One round; answers how long the next may wait.</summary>
    internal async ValueTask<TimeSpan> StepAsync(CancellationToken cancellation)
    {
        CountDelivered();
        if (!_isOpen && !(_isOpen = gate.IsOpen(output.Topic) || time.GetElapsedTime(_began) >= patience)) return GatePause;
        if (_sent == _batch.Count && !TakeBatch()) return LongPause;
        if (_needsKeys) await output.ResolveAsync(_unknownKeys, cancellation).ConfigureAwait(false);
        _needsKeys = false;
        while (_sent < _batch.Count)
        {
            if (output.KeyOf(_batch[_sent].KeyId) is not { } key)
            {
                report.Drops.Dropped(output.Topic, output.Name, DropReasons.UnknownKey, 1);
            }
            else
            {
                Interlocked.Increment(ref _underWay);
                if (!sink.TrySend(output.RecordOf(_batch[_sent], key, _buffers), this, 0))
                {
                    Interlocked.Decrement(ref _underWay);
                    return RoomPause;
                }
            }

            _sent++;
        }

        return TimeSpan.FromTicks(1);
    }

    private void CountDelivered()
    {
        var delivered = Interlocked.Exchange(ref _delivered, 0);
        if (delivered > 0) report.Metrics.Delivered(output.Topic, output.Name, delivered);
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

    private bool TakeBatch()
    {
        long overflow;
        lock (_gate)
        {
            (overflow, _overflow) = (_overflow, 0);
            _batch.Clear();
            _sent = 0;
            while (_batch.Count < BatchEntries && _queue.TryDequeue(out var entry)) _batch.Add(entry);
        }

        if (overflow > 0) report.Drops.Dropped(output.Topic, output.Name, DropReasons.QueueFull, overflow);
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
}
