using System.Globalization;
using System.Text;
using Confluent.Kafka;
using Tikr.Publishing.Records;
using Tikr.Publishing.Sending;
using Tikr.Streaming.Kafka.Producing;

namespace Tikr.Publishing.Kafka;

/// <summary>Hands the records of one sender to a producer.</summary>
internal sealed class KafkaSink(KafkaRecordProducer producer) : IRecordSink
{
    private const string ContentType = "content-type", Revision = "tikr-revision";

    // Shared by all records: headers made for each halve the rate.
    private static readonly byte[] ProtobufType = "application/x-protobuf"u8.ToArray(), JsonType = "application/json"u8.ToArray();
    private static readonly Headers Protobuf = new() { { ContentType, ProtobufType } }, Json = new() { { ContentType, JsonType } };

    private Adapter? _adapter;

    public bool TrySend(in OutgoingRecord record, IDeliveryReports reports, long token) => producer.TryProduce(
        new KafkaRecord
        {
            Topic = record.Topic,
            Key = record.Key,
            Value = record.Value,
            TimestampMs = record.TimestampMs,
            Headers = HeadersOf(record),
        },
        AdapterOf(reports),
        token);

    private static Headers HeadersOf(in OutgoingRecord record)
    {
        if (record.Revision == 0) return record.Content == ContentKind.Json ? Json : Protobuf;
        return new Headers
        {
            { ContentType, record.Content == ContentKind.Json ? JsonType : ProtobufType },
            { Revision, Encoding.ASCII.GetBytes(record.Revision.ToString(CultureInfo.InvariantCulture)) },
        };
    }

    private Adapter AdapterOf(IDeliveryReports reports) =>
        _adapter is { } known && ReferenceEquals(known.Reports, reports) ? known : _adapter = new Adapter(reports);

    private sealed class Adapter(IDeliveryReports reports) : IKafkaDelivery
    {
        public IDeliveryReports Reports => reports;

        public void Delivered(long token, int partition, long offset) => reports.Delivered(token);

        public void Failed(long token, KafkaDeliveryFailure failure) =>
            reports.Failed(token, new SendFailure(KindOf(failure.Kind), $"{failure.Code}: {failure.Reason}"));

        private static SendFailureKind KindOf(KafkaFailureKind kind) => kind switch
        {
            KafkaFailureKind.PermanentForRecord => SendFailureKind.Record,
            KafkaFailureKind.PermanentForTopic => SendFailureKind.Topic,
            _ => SendFailureKind.Transient,
        };
    }
}
