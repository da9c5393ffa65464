using Tikr.Publishing.Records;

namespace Tikr.Publishing.Sending;

/// <summary>
/// Entries that were just written, handed over in memory. Bounded: what does not fit leaves a gap, and from then on nothing is taken until the reader has
/// caught up from the outbox and opens it again.
/// </summary>
internal sealed class FeedQueue(int capacity)
{
    private readonly Lock _gate = new();
    private readonly Queue<WaitingEntry> _entries = new();
    private bool _hasGap = true;
    private long _offered;

    /// <summary>Entries offered so far, whether taken or not.</summary>
    public long Offered => Interlocked.Read(ref _offered);

    public int Count
    {
        get
        {
            lock (_gate) return _entries.Count;
        }
    }

    /// <summary>Whether entries were passed over since it was last opened.</summary>
    public bool HasGap
    {
        get
        {
            lock (_gate) return _hasGap;
        }
    }

    public void Offer(in WaitingEntry entry)
    {
        lock (_gate)
        {
            _offered++;
            if (_hasGap) return;
            if (_entries.Count == capacity) _hasGap = true;
            else _entries.Enqueue(entry);
        }
    }

    /// <summary>Begins anew: whatever is written from now on is offered here, and what was written before is in the outbox.</summary>
    public void Open()
    {
        lock (_gate)
        {
            _entries.Clear();
            _hasGap = false;
        }
    }

    /// <summary>Takes nothing more until it is opened again.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _entries.Clear();
            _hasGap = true;
        }
    }

    /// <summary>Takes up to so many entries.</summary>
    public void TakeInto(List<WaitingEntry> entries, int atMost)
    {
        lock (_gate)
        {
            while (entries.Count < atMost && _entries.TryDequeue(out var entry)) entries.Add(entry);
        }
    }
}
