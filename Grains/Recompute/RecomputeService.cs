using Microsoft.Extensions.Logging;
using Tikr.Grains.Metrics;
using Tikr.Storage;

namespace Tikr.Grains.Recompute;

/// <summary>Recomputes for everyone in the silo: requests that wait together are served together, one batch at a time.</summary>
internal sealed class RecomputeService : IAsyncDisposable
{
    private const int MaxBatch = 65_536;
    private readonly BatchQueue<RecomputeItem> _queue = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly RecomputeScan _scan;
    private readonly GrainMetrics _metrics;
    private readonly Task _loop;

    public RecomputeService(ITickStore ticks, IBarStore bars, GrainMetrics metrics, ILogger<RecomputeService> logger)
    {
        _scan = new RecomputeScan(ticks, bars, logger);
        _metrics = metrics;
        _loop = Task.Run(() => _queue.RunAsync(static () => MaxBatch, ServeAsync));
    }

    /// <summary>Requests queued and not answered.</summary>
    public int Waiting => _queue.Waiting;

    /// <summary>Queues a request; its answer comes on another thread.</summary>
    public void Enqueue(RecomputeItem item)
    {
        if (!_queue.TryAdd(item)) item.Failed(new ObjectDisposedException(nameof(RecomputeService)));
    }

    /// <summary>Stops; what still waits fails.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Close();
        await _stop.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task ServeAsync(List<RecomputeItem> batch)
    {
        foreach (var item in batch) _metrics.Recompute(item.Cause);
        await _scan.RunAsync(batch, _stop.Token).ConfigureAwait(false);
    }
}
