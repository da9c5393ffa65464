using System.Collections.Concurrent;

namespace Tikr.Storage.RocksDb;

/// <summary>
/// The iterators of reads under way. An iterator pins memory and deleted files, so one that waits for its reader (a slow client) for more
/// than a second is closed; its read opens another at the same place when it goes on.
/// </summary>
internal sealed class LeaseRegistry : IDisposable
{
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<IteratorLease, byte> _leases = new();
    private readonly TimeProvider _time;
    private readonly ITimer _sweep;

    public LeaseRegistry(TimeProvider time)
    {
        _time = time;
        _sweep = time.CreateTimer(_ => Sweep(), null, Idle, Idle);
    }

    /// <summary>Reads under way that hold open iterators.</summary>
    public int Open => _leases.Count(lease => lease.Key.IsOpen);

    public void Add(IteratorLease lease) => _leases.TryAdd(lease, 0);

    public void Remove(IteratorLease lease) => _leases.TryRemove(lease, out _);

    /// <summary>Closes all that are idle; called while nobody can be using one.</summary>
    public void CloseAll()
    {
        foreach (var lease in _leases.Keys) lease.CloseIfIdle();
    }

    public void Dispose() => _sweep.Dispose();

    private void Sweep()
    {
        var now = _time.GetTimestamp();
        foreach (var lease in _leases.Keys)
        {
            if (_time.GetElapsedTime(lease.ParkedAt, now) >= Idle) lease.CloseIfIdle();
        }
    }
}
