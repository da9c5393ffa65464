using Tikr.Core.Dimensions;
using Tikr.Core.Ingest;

namespace Tikr.Core.Wire;

/// <summary>What a tick has that keeps it off the fast path.</summary>
[Flags]
internal enum TickOddity
{
    None = 0,
    UnknownField = 1,
    InvalidUtf8 = 2,
}

/// <summary>Which part of a tick the careful reader found.</summary>
internal enum TickPart
{
    Other,
    Timestamp,
    Dimension,
    Field,
    Sequence,
}

/// <summary>What the fast and the careful reader share while they decode one message.</summary>
internal unsafe ref struct TickScope
{
    public TickMessage Message;
    public DecoderSeries Series;
    public AcceptedRange Accepted;
    public RawKeyTable Table;
    public int Stamp;

    /// <summary>What makes the message malformed, and where.</summary>
    public WireFault Fault;
    public byte* FaultAt;

    /// <summary>The part that the careful reader read last.</summary>
    public TickPart Part;
    public ulong Value;
    public int Column;

    /// <summary>Findings about the present tick.</summary>
    public TickOddity Oddities;
    public int UnknownFields;

    /// <summary>What the finding is about, for its message: a name and perhaps its value.</summary>
    public ReadOnlySpan<byte> Subject;
    public ReadOnlySpan<byte> SubjectValue;

    /// <summary>Rejects the present tick.</summary>
    public readonly void Reject(string reason, ulong timestamp)
    {
        var tally = Message.Rejections;
        tally.Add(reason);
        if (!tally.WantsSample) return;
        var model = Series.Model;
        var text = RejectionTexts.Of(reason, model, Subject, SubjectValue);
        tally.AddSample(new RejectionSample(reason, text, timestamp, model.Name));
    }

    /// <summary>Rejects the present tick for what the key table said of its key.</summary>
    public readonly void RejectKey(InternedKey key, string reason, ulong timestamp)
    {
        var tally = Message.Rejections;
        tally.Add(reason);
        if (tally.WantsSample) tally.AddSample(new RejectionSample(reason, RejectionTexts.RejectedKey(key), timestamp, Series.Model.Name));
    }

    /// <summary>Rejects the present tick for its timestamp.</summary>
    public readonly void RejectTimestamp(ulong timestamp)
    {
        var tally = Message.Rejections;
        if (!tally.WantsSample)
        {
            tally.Add(IsTooLate(timestamp) ? RejectionReasons.TooLate : RejectionReasons.TimestampOutOfRange);
            return;
        }

        var text = RejectionTexts.Timestamp(Series.Model, timestamp, Series.UnitNs, Accepted, out var reason);
        tally.Add(reason);
        tally.AddSample(new RejectionSample(reason, text, timestamp, Series.Model.Name));
    }

    private readonly bool IsTooLate(ulong timestamp)
    {
        if (timestamp > (ulong)(long.MaxValue / Series.UnitNs)) return false;
        var timeNs = (long)timestamp * Series.UnitNs;
        return timeNs >= Accepted.EarliestNs && timeNs <= Accepted.LatestNs;
    }
}
