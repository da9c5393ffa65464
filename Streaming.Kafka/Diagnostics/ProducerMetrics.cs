namespace Tikr.Streaming.Kafka.Diagnostics;

/// <summary>What one producer counts. Delivered records cost an addition; instruments read the sum.</summary>
internal sealed class ProducerMetrics(KafkaMetrics metrics, string client) : IDisposable
{
    private long _delivered;

    /// <summary>The tag of everything this producer counts.</summary>
    public KeyValuePair<string, object?> Tag { get; } = new("client", client);

    /// <summary>Records delivered.</summary>
    public long DeliveredRecords => Interlocked.Read(ref _delivered);

    /// <summary>Reads the records in flight.</summary>
    public Func<int> InFlightRecords { get; set; } = static () => 0;

    /// <summary>Reads the bytes in flight.</summary>
    public Func<long> InFlightBytes { get; set; } = static () => 0;

    public void Delivered() => Interlocked.Increment(ref _delivered);

    public void Failed(ErrorCode code) => metrics.Failed(Tag, code);

    public void Dispose() => metrics.Remove(this);
}
