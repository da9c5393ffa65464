namespace Tikr.Gateway.Bounds;

/// <summary>
/// What one connection holds. Each has a little of everything whatever the others do: a client that behaves is served while others use
/// up what is shared. A feature of the connection.
/// </summary>
/// <param name="ownBytes">Bytes of unfinished messages that the connection may always have.</param>
internal sealed class ConnectionAccount(long ownBytes)
{
    /// <summary>Calls that a connection may always have open.</summary>
    public const int OwnCalls = 4;

    private readonly Lock _gate = new();
    private int _calls, _scans, _large;
    private long _bytes;

    /// <summary>Opens a call; tells whether it is one of those that a connection may always have.</summary>
    public bool OpenCall()
    {
        lock (_gate) return ++_calls <= OwnCalls;
    }

    /// <summary>A call has ended.</summary>
    public void CloseCall()
    {
        lock (_gate) _calls--;
    }

    /// <summary>Begins a scan if the connection has fewer than it may have.</summary>
    public bool TryBeginScan(int most)
    {
        lock (_gate) return _scans < most && ++_scans > 0;
    }

    /// <summary>A scan has ended.</summary>
    public void EndScan()
    {
        lock (_gate) _scans--;
    }

    /// <summary>Takes bytes of the connection's own.</summary>
    public bool TryTakeOwn(long bytes)
    {
        lock (_gate)
        {
            if (_bytes + bytes > ownBytes) return false;
            _bytes += bytes;
            return true;
        }
    }

    /// <summary>Gives bytes of the connection's own back.</summary>
    public void ReturnOwn(long bytes)
    {
        lock (_gate) _bytes -= bytes;
    }

    /// <summary>Notes another message that takes shared memory, or waits for it; tells how many there were.</summary>
    public int AddLarge()
    {
        lock (_gate) return _large++;
    }

    /// <summary>A message that took shared memory, or waited for it, has ended.</summary>
    public void RemoveLarge()
    {
        lock (_gate) _large--;
    }
}
