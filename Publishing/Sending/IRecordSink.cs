using Tikr.Publishing.Records;

namespace Tikr.Publishing.Sending;

/// <summary>Where records go: Kafka, or what a test puts in its place.</summary>
internal interface IRecordSink
{
    /// <summary>
    /// Hands a record over; false while as much is under way as may be, and nothing was taken. Its outcome is told once, on any
    /// thread, maybe before this returns. The record's arrays may be used again as soon as this returns.
    /// </summary>
    bool TrySend(in OutgoingRecord record, IDeliveryReports reports, long token);
}

/// <summary>Hears the outcomes of records: what librdkafka calls delivery reports. Must be quick and not block.</summary>
internal interface IDeliveryReports
{
    /// <summary>The record is in its topic.</summary>
    void Delivered(long token);

    /// <summary>The record is not known to be in its topic.</summary>
    void Failed(long token, SendFailure failure);
}

/// <summary>What a failure means for sending the record again.</summary>
internal enum SendFailureKind
{
    /// <summary>It passes with time: send it again.</summary>
    Transient,

    /// <summary>The topic takes nothing until somebody changes it or our rights: send it again, with patience.</summary>
    Topic,

    /// <summary>This record is not taken; or another one in its batch was not, so once more alone before giving it up.</summary>
    Record,
}

/// <summary>Why a record was not delivered.</summary>
/// <param name="Kind">What it means.</param>
/// <param name="Reason">The error for people.</param>
internal readonly record struct SendFailure(SendFailureKind Kind, string Reason);
