using Tikr.Publishing.Records;

namespace Tikr.Publishing.Sending;

/// <summary>
/// The oldest entries of an outbox partition, in the order to be sent. Entries leave at the head only: what was delivered behind one that
/// failed stays, because those of its key are sent again after it. So whoever reads a topic sees each key go on in order after any
/// repetition.
/// </summary>
internal sealed class InFlightRecords
{
    private readonly InFlightRecord[] _records;
    private readonly HashSet<uint> _repeatedKeys = [];
    private long _head, _tail;

    /// <param name="capacity">Most entries; a power of two.</param>
    public InFlightRecords(int capacity)
    {
        Invariant.Holds(int.IsPow2(capacity));
        _records = new InFlightRecord[capacity];
    }

    /// <summary>Entries in it.</summary>
    public int Count => (int)(_tail - _head);

    /// <summary>Places for more.</summary>
    public int Room => _records.Length - Count;

    /// <summary>Entries handed over and not reported.</summary>
    public int Unreported { get; private set; }

    /// <summary>Number of the oldest entry.</summary>
    public long Head => _head;

    /// <summary>Number of the next entry.</summary>
    public long Tail => _tail;

    /// <summary>Number of the first entry that may have to be sent.</summary>
    public long Next { get; private set; }

    /// <summary>The entry of a number.</summary>
    public ref InFlightRecord this[long number] => ref _records[number & (_records.Length - 1)];

    /// <summary>Takes an entry up behind the others.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="state">Waiting, or dropped if it is not to be sent.</param>
    public void Add(in WaitingEntry entry, InFlightState state)
    {
        Invariant.Holds(Room > 0);
        this[_tail++] = new InFlightRecord { Entry = entry, State = state };
    }

    /// <summary>Notes a handover. The report may be there before.</summary>
    public void MarkSent(long number, long timestamp)
    {
        ref var record = ref this[number];
        Invariant.Holds(Holds(number) && record.State is InFlightState.Waiting or InFlightState.WaitingAlone);
        record.State = InFlightState.Sent;
        record.SentAt = timestamp;
        Unreported++;
    }

    /// <summary>Takes back a handover that was not accepted.</summary>
    public void MarkUnsent(long number, InFlightState before)
    {
        Invariant.Holds(this[number].State == InFlightState.Sent && Unreported > 0);
        this[number].State = before;
        Unreported--;
    }

    /// <summary>Notes the outcome of an entry; false if it was not under way.</summary>
    public bool TrySettle(long number, InFlightState outcome)
    {
        if (!Holds(number)) return false;
        ref var record = ref this[number];
        if (record.State != InFlightState.Sent) return false;
        Invariant.Holds(Unreported > 0);
        record.State = outcome;
        Unreported--;
        return true;
    }

    /// <summary>Moves on past entries that need not be sent now.</summary>
    public void SkipSettled()
    {
        while (Next < _tail && this[Next].State is not (InFlightState.Waiting or InFlightState.WaitingAlone)) Next++;
    }

    /// <summary>
    /// After everything under way was reported: makes ready to send what failed again, and behind it what was delivered of the same keys.
    /// </summary>
    public void Rewind()
    {
        Invariant.Holds(Unreported == 0);
        _repeatedKeys.Clear();
        for (var number = _head; number < _tail; number++)
        {
            ref var record = ref this[number];
            if (record.State is InFlightState.Failed or InFlightState.Rejected)
            {
                _repeatedKeys.Add(record.Entry.KeyId);
                var isPlain = record.State == InFlightState.Failed && record.TimesAlone == 0;
                record.State = isPlain ? InFlightState.Waiting : InFlightState.WaitingAlone;
            }
            else if (record.State == InFlightState.Delivered && _repeatedKeys.Contains(record.Entry.KeyId))
            {
                record.State = InFlightState.Waiting;
            }
        }

        Next = _head;
    }

    /// <summary>Makes ready to send again what was delivered of an entry's key before it, though it stands behind it.</summary>
    public void RepeatBehind(long number)
    {
        var keyId = this[number].Entry.KeyId;
        this[number].TimesAlone = 0;
        for (var behind = number + 1; behind < _tail; behind++)
        {
            ref var record = ref this[behind];
            if (record.State == InFlightState.Delivered && record.Entry.KeyId == keyId) record.State = InFlightState.Waiting;
        }

        Next = _head;
    }

    /// <summary>Takes finished entries off the head; their outbox ids are added to <paramref name="ids"/>.</summary>
    public void TakeFinished(List<ulong> ids)
    {
        while (_head < _tail && this[_head].State is InFlightState.Delivered or InFlightState.Dropped)
        {
            if (this[_head].Entry.Id != 0) ids.Add(this[_head].Entry.Id);
            this[_head++] = default;
        }

        Next = Math.Max(Next, _head);
        Invariant.Holds(Next <= _tail);
    }

    /// <summary>Adds the outbox ids of entries in it above one.</summary>
    public void AddIds(HashSet<ulong> ids, ulong above)
    {
        for (var number = _head; number < _tail; number++)
        {
            if (this[number].Entry.Id > above) ids.Add(this[number].Entry.Id);
        }
    }

    private bool Holds(long number) => number >= _head && number < _tail;
}
