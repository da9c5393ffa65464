using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Tikr.Grains.Metrics;
using Tikr.Storage;

namespace Tikr.Grains.Recompute;

/// <summary>Recomputes for everyone in the silo: requests that wait together are served together, one batch at a time.</summary>
internal sealed class RecomputeService : IAsyncDisposable
{
    private const int MaxBatch = 65_536;
    private readonly Channel<RecomputeItem> _queue = Channel.CreateUnbounded<RecomputeItem>(
        new UnboundedChannelOptions { SingleReader = true });
    private readonly CancellationTokenSource _stop = new();
    private readonly RecomputeScan _scan;
    private readonly GrainMetrics _metrics;
    private readonly Task _loop;
    private int _waiting;

    public RecomputeService(ITickStore ticks, IBarStore bars, GrainMetrics metrics, ILogger<RecomputeService> logger)
    {
        _scan = new RecomputeScan(ticks, bars, logger);
        _metrics = metrics;
        _loop = Task.Run(RunAsync);
    }

    /// <summary>Requests queued and not answered.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>Queues a request; its answer comes on another thread.</summary>
    public void Enqueue(RecomputeItem item)
    {
        Interlocked.Increment(ref _waiting);
        if (_queue.Writer.TryWrite(item)) return;
        Interlocked.Decrement(ref _waiting);
        item.Failed(new ObjectDisposedException(nameof(RecomputeService)));
    }

    /// <summary>Stops; what still waits fails.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _stop.CancelAsync();
        await _loop;
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        var batch = new List<RecomputeItem>();
        while (await _queue.Reader.WaitToReadAsync())
        {
            while (batch.Count < MaxBatch && _queue.Reader.TryRead(out var item))
            {
                _metrics.Recompute(item.Cause);
                batch.Add(item);
            }

            await _scan.RunAsync(batch, _stop.Token);
            Interlocked.Add(ref _waiting, -batch.Count);
            batch.Clear();
        }
    }
}
