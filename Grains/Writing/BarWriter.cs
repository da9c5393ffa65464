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
    private readonly GrainMetrics _metrics;
    private readonly ILogger<BarWriter> _logger;
    private readonly IBarFeed? _feed;
    private readonly TimeProvider _time;
    private readonly int _maxBars;
    private readonly TimeSpan _pause;
    private readonly Task _loop;
    private BarWriteResult[] _results = [];

    // A group that is more than a slow store can write within its time must not come again as large, or it would never be written.
    private int _atMost;

    public BarWriter(IBarStore store, GrainMetrics metrics, TimeProvider time,
        TikrGrainOptions options, ILogger<BarWriter> logger, IBarFeed? feed = null)
    {
        (_store, _metrics, _time, _logger, _feed) = (store, metrics, time, logger, feed);
        (_maxBars, _pause) = (options.MaxBarsPerWrite, options.RetryDelay);
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
        if (_results.Length < items.Count) _results = new BarWriteResult[Math.Min(_maxBars, Math.Max(items.Count, _results.Length * 2))];
        var results = _results.AsMemory(0, items.Count);
        try
        {
            await _store.WriteAsync(_writes, results, _stop.Token).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            Log.BarWriteFailed(_logger, items.Count, error);
            _metrics.WriteFailed(items.Count);
            _atMost = Math.Min(_maxBars, Math.Max(LeastBars, items.Count / 4));
            _feed?.FateUnknown();
            foreach (var item in items) Answer(item, default, error);
            await PauseAsync().ConfigureAwait(false);
            return;
        }

        _atMost = Math.Min(_maxBars, _atMost * 2);
        _feed?.Stored(_writes, results.Span);
        for (var i = 0; i < items.Count; i++) Answer(items[i], results.Span[i]);
        _metrics.Written(_writes, results.Span);
        results.Span.Clear();
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
