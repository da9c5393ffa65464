using Tikr.Publishing.Records;

namespace Tikr.Publishing.Sending;

/// <summary>
/// The oldest entries of a partition, in the order to be sent. Entries leave at the head only: what was delivered behind one that failed
/// stays, because those of its key are sent again after it. So whoever reads a topic sees each key go on in order after any repetition.
/// </summary>
internal sealed class SendWindow
{
    private readonly Slot[] _slots;
    private readonly HashSet<uint> _repeatedKeys = [];
    private long _head, _tail;

    /// <param name="capacity">Most entries; a power of two.</param>
    public SendWindow(int capacity) => _slots = new Slot[capacity];

    /// <summary>Entries in it.</summary>
    public int Count => (int)(_tail - _head);

    /// <summary>Places for more.</summary>
    public int Room => _slots.Length - Count;

    /// <summary>Entries handed over and not reported.</summary>
    public int Sent { get; private set; }

    /// <summary>Number of the oldest entry.</summary>
    public long Head => _head;

    /// <summary>Number of the next entry.</summary>
    public long Tail => _tail;

    /// <summary>Number of the first entry that may have to be sent.</summary>
    public long Next { get; private set; }

    /// <summary>The entry of a number.</summary>
    public ref Slot this[long number] => ref _slots[number & (_slots.Length - 1)];

    public bool Holds(long number) => number >= _head && number < _tail;

    public void Add(in WaitingEntry entry)
    {
        this[_tail++] = new Slot { Entry = entry };
    }

    /// <summary>Notes a handover. The report may be there before.</summary>
    public void MarkSent(long number, long now)
    {
        ref var slot = ref this[number];
        (slot.State, slot.SentAt) = (SlotState.Sent, now);
        Sent++;
    }

    /// <summary>Takes a handover back that was not accepted.</summary>
    public void MarkUnsent(long number, SlotState before)
    {
        this[number].State = before;
        Sent--;
    }

    /// <summary>Notes what became of an entry; false if it was not under way.</summary>
    public bool TrySettle(long number, SlotState state)
    {
        if (!Holds(number)) return false;
        ref var slot = ref this[number];
        if (slot.State != SlotState.Sent) return false;
        slot.State = state;
        Sent--;
        return true;
    }

    /// <summary>Moves on past entries that need not be sent now.</summary>
    public void SkipSettled()
    {
        while (Next < _tail && this[Next].State is not (SlotState.Waiting or SlotState.WaitingAlone)) Next++;
    }

    /// <summary>
    /// After everything under way was reported: makes ready to send what failed again, and behind it what was delivered of the same keys.
    /// </summary>
    public void Rewind()
    {
        _repeatedKeys.Clear();
        for (var number = _head; number < _tail; number++)
        {
            ref var slot = ref this[number];
            if (slot.State is SlotState.Failed or SlotState.Refused)
            {
                _repeatedKeys.Add(slot.Entry.KeyId);
                slot.State = slot.State == SlotState.Failed && slot.TimesAlone == 0 ? SlotState.Waiting : SlotState.WaitingAlone;
            }
            else if (slot.State == SlotState.Delivered && _repeatedKeys.Contains(slot.Entry.KeyId))
            {
                slot.State = SlotState.Waiting;
            }
        }

        Next = _head;
    }

    /// <summary>Makes ready to send again what was delivered of an entry's key before it.</summary>
    public void RepeatBehind(long number)
    {
        var keyId = this[number].Entry.KeyId;
        this[number].TimesAlone = 0;
        for (var behind = number + 1; behind < _tail; behind++)
        {
            ref var slot = ref this[behind];
            if (slot.State == SlotState.Delivered && slot.Entry.KeyId == keyId) slot.State = SlotState.Waiting;
        }

        Next = _head;
    }

    /// <summary>Takes finished entries off the head; their outbox ids are added to <paramref name="ids"/>.</summary>
    public void TakeFinished(List<ulong> ids)
    {
        while (_head < _tail && this[_head].State is SlotState.Delivered or SlotState.Dropped)
        {
            if (this[_head].Entry.Id != 0) ids.Add(this[_head].Entry.Id);
            this[_head++] = default;
        }

        Next = Math.Max(Next, _head);
    }

    /// <summary>Adds the outbox ids of entries in it above one.</summary>
    public void AddIds(HashSet<ulong> ids, ulong above)
    {
        for (var number = _head; number < _tail; number++)
        {
            if (this[number].Entry.Id > above) ids.Add(this[number].Entry.Id);
        }
    }
}
