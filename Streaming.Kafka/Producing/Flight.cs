using Confluent.Kafka;

namespace Tikr.Streaming.Kafka.Producing;

/// <summary>A record between handover and report. Reused, so that a record costs no object of ours.</summary>
internal sealed class Flight
{
    private static readonly Headers NoHeaders = [];

    private readonly FlightWindow _window;
    private IKafkaDelivery? _delivery;
    private long _token;

    public Flight(FlightWindow window)
    {
        _window = window;
        Handler = Report;
    }

    /// <summary>What the client reports to.</summary>
    public Action<DeliveryReport<byte[]?, byte[]?>> Handler { get; }

    /// <summary>The record as the client takes it.</summary>
    public Message<byte[]?, byte[]?> Message { get; } = new();

    /// <summary>Its bytes that count.</summary>
    public int Size { get; private set; }

    /// <summary>Takes a record aboard.</summary>
    public void Board(in KafkaRecord record, IKafkaDelivery delivery, long token)
    {
        Message.Key = record.Key;
        Message.Value = record.Value;
        Message.Headers = record.Headers ?? NoHeaders;
        Message.Timestamp = record.TimestampMs == 0 ? Timestamp.Default : new Timestamp(record.TimestampMs, TimestampType.CreateTime);
        Size = record.Size;
        _token = token;
        Volatile.Write(ref _delivery, delivery);
    }

    /// <summary>Whether the record was still unreported; from now on it is not.</summary>
    public bool TryEnd(out IKafkaDelivery delivery, out long token)
    {
        var taken = Interlocked.Exchange(ref _delivery, null);
        (delivery, token) = (taken!, _token);
        if (taken is null) return false;

        // The client has copied them; the next record may be long in coming.
        (Message.Key, Message.Value, Message.Headers) = (null, null, null);
        return true;
    }

    private void Report(DeliveryReport<byte[]?, byte[]?> report)
    {
        if (report.Error.IsError)
            _window.Fail(this, report.Error, report.Status != PersistenceStatus.NotPersisted);
        else
            _window.Deliver(this, report.Partition.Value, report.Offset.Value);
    }
}
