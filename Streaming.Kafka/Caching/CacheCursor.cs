using Orleans.Streams;

namespace Tikr.Streaming.Kafka.Caching;

/// <summary>
/// One subscription's place in the cache. It pins the oldest record that its subscriber may not have yet: the first of those handed to the
/// agent since the last delivery. A cursor that was asked to begin before the cache gets those records from <see cref="History"/> first.
/// </summary>
internal sealed class CacheCursor : IQueueCacheCursor
{
    private readonly RecordCache _cache;
    private readonly StreamChain _chain;
    private CachedRecord? _start;
    private CachedRecord? _current;
    private CachedRecord? _pinned;
    private int _handed;
    private long _from;
    private bool _saidNoData;
    private bool _disposed;
    private IBatchContainer? _batch;

    public CacheCursor(RecordCache cache, StreamChain chain)
    {
        (_cache, _chain) = (cache, chain);
        chain.Cursors++;
    }

    /// <summary>Records from before the cache that are still to be delivered; null once the cursor has caught up.</summary>
    public Queue<IBatchContainer>? History { get; private set; }

    /// <summary>Whether history is still coming.</summary>
    public bool IsReplaying { get; private set; }

    /// <summary>The first offset wanted of history.</summary>
    public long ReplayFrom { get; private set; }

    public StreamChain Chain => _chain;

    public bool IsDisposed => _disposed;

    /// <summary>Begins with this record.</summary>
    public void StartAt(CachedRecord record)
    {
        _start = record;
        Pin(record);
    }

    /// <summary>Begins with the first record to come, if it is not before an offset.</summary>
    public void WaitFrom(long offset)
    {
        _from = offset;
        _chain.Waiting.Add(this);
    }

    /// <summary>Begins with records that have left the cache, if they were in it at all.</summary>
    public void Replay(long from)
    {
        (IsReplaying, ReplayFrom, History) = (true, from, new Queue<IBatchContainer>());
    }

    /// <summary>History is complete; go on with the cache. The place in it is pinned even while history is still being delivered.</summary>
    public void EndReplay(long next)
    {
        IsReplaying = false;
        if (_disposed) return;
        _cache.Place(this, next);
    }

    /// <summary>Offers a record that has just been added; true if the cursor begins with it.</summary>
    public bool TryStartAt(CachedRecord record)
    {
        if (record.Offset < _from) return false;
        StartAt(record);
        return true;
    }

    public IBatchContainer? GetCurrent(out Exception? exception)
    {
        exception = null;
        return _batch;
    }

    public bool MoveNext()
    {
        if (_disposed) return false;
        if (History is not null)
        {
            if (History.TryDequeue(out _batch)) return true;
            if (IsReplaying) return false;
            History = null;
        }

        // The agent asks for more than a batch, or after "no more", when it has delivered what it had.
        if (_handed >= _cache.DeliveryBatch || _saidNoData) (_handed, _saidNoData) = (0, false);
        if ((_current is null ? _start : _current.NextInStream) is not { } next)
        {
            if (_handed > 0) _saidNoData = true;
            else if (_current is not null) WaitForNext(_current);
            return false;
        }

        _cache.Visited++;
        if (_handed++ == 0) Repin(next);
        (_start, _current, _batch) = (null, next, next.Batch);
        return true;
    }

    // New records find their cursor when they are added.
    public void Refresh(StreamSequenceToken token)
    {
    }

    // Offsets are committed in order: a record that could not be delivered is passed over, and the failure handler knows of it.
    public void RecordDeliveryFailure()
    {
    }

    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _chain.Waiting.Remove(this);
        _chain.Cursors--;
        Unpin();
        (_start, _current) = (null, null);
        (_batch, History) = (null, null);
        _cache.Forget(_chain);
    }

    private void WaitForNext(CachedRecord last)
    {
        Unpin();
        _current = null;
        WaitFrom(last.Offset + 1);
    }

    private void Pin(CachedRecord record)
    {
        record.Pins++;
        _pinned = record;
    }

    private void Unpin()
    {
        if (_pinned is not null) _pinned.Pins--;
        _pinned = null;
    }

    private void Repin(CachedRecord record)
    {
        if (_pinned == record) return;
        Unpin();
        Pin(record);
    }
}
