namespace Tikr.Grains.Cluster;

/// <summary>Wakes a loop that waits; many calls before it does count as one, and those that come after its end as none.</summary>
internal sealed class Wakeup : IDisposable
{
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _set = new(0, 1);
    private bool _disposed;

    /// <summary>Wakes it, now or at its next wait.</summary>
    public void Set()
    {
        lock (_lock)
        {
            if (!_disposed && _set.CurrentCount == 0) _set.Release();
        }
    }

    /// <summary>Completes when it is woken, or after a time.</summary>
    public Task WaitAsync(TimeSpan longest, CancellationToken cancellation) => _set.WaitAsync(longest, cancellation);

    public void Dispose()
    {
        lock (_lock) _disposed = true;
        _set.Dispose();
    }
}
