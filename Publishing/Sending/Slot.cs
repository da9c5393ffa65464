using Tikr.Publishing.Records;

namespace Tikr.Publishing.Sending;

/// <summary>How far an entry in the window has come.</summary>
internal enum SlotState : byte
{
    /// <summary>To be sent.</summary>
    Waiting,

    /// <summary>To be sent with nothing else under way: it failed, and maybe only because of what shared its batch.</summary>
    WaitingAlone,

    /// <summary>Handed over.</summary>
    Sent,

    /// <summary>In its topic.</summary>
    Delivered,

    /// <summary>Failed, to be sent again.</summary>
    Failed,

    /// <summary>Not taken, to be sent alone.</summary>
    Refused,

    /// <summary>Given up and counted as dropped.</summary>
    Dropped,
}

/// <summary>An entry in the window.</summary>
internal struct Slot
{
    public WaitingEntry Entry;
    public SlotState State;
    public byte TimesAlone;
    public long SentAt;
}
