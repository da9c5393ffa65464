using Microsoft.Extensions.Logging;
using Tikr.Grains.Metrics;
using Tikr.Storage;

namespace Tikr.Grains.Writing;

/// <summary>Writes the bars of the whole silo in group commits: whatever waits goes into the next one, one under way at a time.</summary>
internal sealed class BarWriter : IAsyncDisposable
{
    private const int LeastBars = 256;

    private readonly BatchQueue<BarWriteItem> _queue = new();
    private readonly List<BarWrite> _writes = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly IBarStore _store;
    private readonly BarListeners _listeners;
    private readonly GrainMetrics _metrics;
    private readonly FailedBars _failed;
    private readonly TimeProvider _time;
    private readonly ILogger<BarWriter> _logger;
    private readonly int _maxBars;
    private readonly TimeSpan _pause;
    private readonly Task _loop;
    private BarWriteResult[] _results = [];
    private StoredBar[] _stored = [];

    // A group that is more than a slow store can write within its time must not come again as large, or it would never be written.
    private int _atMost;

    public BarWriter(IBarStore store, BarListeners listeners, GrainMetrics metrics,
        TikrGrainOptions options, TimeProvider time, ILogger<BarWriter> logger)
    {
        _store = store;
        _listeners = listeners;
        _metrics = metrics;
        _failed = new FailedBars(metrics, time, logger);
        _time = time;
        _logger = logger;
        _maxBars = options.MaxBarsPerWrite;
        _pause = options.RetryDelay;
        _atMost = _maxBars;
        _loop = Task.Run(() => _queue.RunAsync(() => _atMost, WriteAsync));
    }

    /// <summary>Bars queued and not answered.</summary>
    public int Waiting => _queue.Waiting;

    /// <summary>Queues a bar; its answer comes on another thread.</summary>
    public void Enqueue(BarWriteItem item)
    {
        if (!_queue.TryAdd(item)) item.Failed(new ObjectDisposedException(nameof(BarWriter)));
    }

    /// <summary>Writes what waits, then stops.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Close();
        _stop.CancelAfter(TimeSpan.FromSeconds(5));
        await _loop.ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task WriteAsync(List<BarWriteItem> items)
    {
        _writes.Clear();
        foreach (var item in items) _writes.Add(item.Write);
        EnsureRoom(items.Count);
        var results = _results.AsMemory(0, items.Count);
        try
        {
            await _store.WriteAsync(_writes, results, _stop.Token).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            _failed.Failed(_writes, error);
            _atMost = Math.Min(_maxBars, Math.Max(LeastBars, items.Count / 4));
            _listeners.OutcomeUnknown(_writes);
            foreach (var item in items) Answer(item, default, error);
            await PauseAsync().ConfigureAwait(false);
            return;
        }

        _failed.Done(_writes);
        _atMost = Math.Min(_maxBars, _atMost * 2);
        var stored = _stored.AsSpan(0, StoredBar.Pick(_writes, results.Span, _stored));
        _listeners.Stored(stored);
        for (var i = 0; i < items.Count; i++) Answer(items[i], results.Span[i]);
        _metrics.Stored(stored);
        results.Span.Clear();
        stored.Clear();
    }

    private void EnsureRoom(int bars)
    {
        if (_results.Length >= bars) return;
        var room = Math.Min(_maxBars, Math.Max(bars, _results.Length * 2));
        _results = new BarWriteResult[room];
        _stored = new StoredBar[room];
    }

    // The loop serves the whole silo: one requester's mistake must not end it.
    private void Answer(BarWriteItem item, in BarWriteResult result, Exception? failure = null)
    {
        try
        {
            if (failure is null) item.Completed(result);
            else item.Failed(failure);
        }
        catch (Exception error)
        {
            Log.AnswerNotTaken(_logger, error);
        }
    }

    // A store that fails is not asked again at once by everyone who waits.
    private async Task PauseAsync()
    {
        try
        {
            await Task.Delay(_pause, _time, _stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Stopping: what waits is tried once more without a pause.
        }
    }
}
