using Tikr.Publishing.Records;

namespace Tikr.Publishing.Sending;

/// <summary>How far an entry that was taken up has come.</summary>
internal enum InFlightState : byte
{
    /// <summary>To be sent.</summary>
    Waiting,

    /// <summary>To be sent with nothing else under way: it failed, and maybe only because of what shared its batch.</summary>
    WaitingAlone,

    /// <summary>Handed over; its delivery report is not there yet.</summary>
    Sent,

    /// <summary>In its topic.</summary>
    Delivered,

    /// <summary>Failed, to be sent again.</summary>
    Failed,

    /// <summary>Rejected by the brokers, to be sent alone.</summary>
    Rejected,

    /// <summary>Given up and counted as dropped.</summary>
    Dropped,
}

/// <summary>An entry that was taken up to be sent.</summary>
internal struct InFlightRecord
{
    public WaitingEntry Entry;
    public InFlightState State;
    public byte TimesAlone;
    public long SentAt;
}
