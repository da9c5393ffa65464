namespace Tikr.Core.Memory;

/// <summary>
/// The bytes that things of one kind may take together. Who waits for some is served in turn. Safe for any number of threads.
/// </summary>
/// <param name="name">Its name in metrics and messages.</param>
/// <param name="limitBytes">Most bytes taken at once.</param>
public sealed class MemoryPart(string name, long limitBytes)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<(long Bytes, TaskCompletionSource Granted)> _waiting = new();
    private long _used;

    /// <summary>Its name in metrics and messages.</summary>
    public string Name { get; } = name;

    /// <summary>Most bytes taken at once.</summary>
    public long LimitBytes { get; } = limitBytes;

    /// <summary>Bytes taken now.</summary>
    public long UsedBytes => Volatile.Read(ref _used);

    /// <summary>Whether somebody waits for bytes.</summary>
    public bool HasWaiters
    {
        get
        {
            lock (_gate) return _waiting.Count > 0;
        }
    }

    /// <summary>Takes bytes if there are as many left and nobody waits for some.</summary>
    public bool TryTake(long bytes)
    {
        lock (_gate)
        {
            if (_waiting.Count > 0 || _used + bytes > LimitBytes) return false;
            _used += bytes;
            return true;
        }
    }

    /// <summary>Takes bytes, waiting in turn until there are as many left. More than <see cref="LimitBytes"/> never are.</summary>
    /// <exception cref="OperationCanceledException">The wait was given up; nothing is taken.</exception>
    public async Task TakeAsync(long bytes, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, LimitBytes);
        if (TryTake(bytes)) return;
        var granted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        LinkedListNode<(long, TaskCompletionSource)> place;
        lock (_gate) place = _waiting.AddLast((bytes, granted));
        Serve();
        try
        {
            await granted.Task.WaitAsync(cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            GiveUp(place, bytes);
            throw;
        }
    }

    /// <summary>Gives taken bytes back.</summary>
    public void Return(long bytes)
    {
        lock (_gate)
        {
            _used -= bytes;
            if (_used < 0) throw new InvalidOperationException($"More bytes of {Name} are given back than were taken.");
        }

        Serve();
    }

    private void Serve()
    {
        lock (_gate)
        {
            while (_waiting.First is { } first && _used + first.Value.Bytes <= LimitBytes)
            {
                _used += first.Value.Bytes;
                _waiting.RemoveFirst();
                first.Value.Granted.TrySetResult();
            }
        }
    }

    // The bytes may have been granted just before.
    private void GiveUp(LinkedListNode<(long Bytes, TaskCompletionSource Granted)> place, long bytes)
    {
        lock (_gate)
        {
            if (place.List is not null) _waiting.Remove(place);
            else _used -= bytes;
        }

        Serve();
    }
}
