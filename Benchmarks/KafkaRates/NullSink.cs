using Tikr.Publishing.Records;
using Tikr.Publishing.Sending;

namespace Tikr.Benchmarks.KafkaRates;

/// <summary>Takes every record for delivered: what is left is the cost of the outbox, the senders and the encoding.</summary>
internal sealed class NullSink : IRecordSink
{
    public bool TrySend(in OutgoingRecord record, IDeliveryReports reports, long token)
    {
        reports.Delivered(token);
        return true;
    }
}

/// <summary>Every topic is there.</summary>
internal sealed class OpenGate : ITopicGate
{
    public bool IsOpen(string topic) => true;
}
