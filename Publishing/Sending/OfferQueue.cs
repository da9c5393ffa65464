using Tikr.Publishing.Records;

namespace Tikr.Publishing.Sending;

/// <summary>
/// Entries that were just written, offered in memory. Bounded: what does not fit leaves a gap, and from then on nothing is taken until
/// the sender has caught up from the outbox and opens it again.
/// </summary>
internal sealed class OfferQueue(int capacity)
{
    private readonly Lock _gate = new();
    private Queue<WaitingEntry> _entries = new(), _spare = new();
    private HashSet<ulong> _read = [], _readBefore = [];
    private bool _hasGap = true, _hasRevision;
    private long _offered;
    private ulong? _leastMissed;

    /// <summary>Entries offered so far, whether taken or not.</summary>
    public long Offered => Interlocked.Read(ref _offered);

    /// <summary>Entries that wait here.</summary>
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

    /// <summary>Offers an entry; one that was read from the outbox already is left out.</summary>
    public void Offer(in WaitingEntry entry)
    {
        lock (_gate)
        {
            _offered++;
            if (_read.Contains(entry.Id) || _readBefore.Contains(entry.Id)) return;
            if (_hasGap || _entries.Count == capacity) Miss(entry.Id);
            else _entries.Enqueue(entry);
            if (entry.Bar is { Revision: > 0 }) _hasRevision = true;
        }
    }

    /// <summary>
    /// Whether a revised bar was offered since this was last asked: another process may have written the revision before it.
    /// </summary>
    public bool TakeHasRevision()
    {
        lock (_gate)
        {
            var had = _hasRevision;
            _hasRevision = false;
            return had;
        }
    }

    /// <summary>Begins anew: whatever is written from now on is offered here, and what was written before is in the outbox.</summary>
    public void Open()
    {
        lock (_gate)
        {
            _entries.Clear();
            _leastMissed = null;
            _read.Clear();
            _readBefore.Clear();
            _hasGap = false;
        }
    }

    /// <summary>
    /// Entries were read from the outbox: where they were offered too, or are soon (each offer follows its commit at once), they are left
    /// out here.
    /// </summary>
    public void MarkRead(IEnumerable<ulong> ids)
    {
        lock (_gate)
        {
            (_read, _readBefore) = (_readBefore, _read);
            _read.Clear();
            _read.UnionWith(ids);
            if (_entries.Count == 0 || _read.Count == 0) return;
            while (_entries.TryDequeue(out var entry))
            {
                if (!_read.Contains(entry.Id)) _spare.Enqueue(entry);
            }

            (_entries, _spare) = (_spare, _entries);
        }
    }

    /// <summary>
    /// Takes nothing more until it is opened again; returns the least id of those that were passed over or are given up now, null for none.
    /// </summary>
    public ulong? Close()
    {
        lock (_gate)
        {
            while (_entries.TryDequeue(out var entry)) Miss(entry.Id);
            _hasGap = true;
            return _leastMissed;
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

    private void Miss(ulong id)
    {
        _hasGap = true;
        _leastMissed = Math.Min(_leastMissed ?? id, id);
    }
}
