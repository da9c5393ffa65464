using System.Diagnostics.Metrics;

namespace Tikr.Publishing.Metrics;

/// <summary>
/// What publishing counts, on meter <c>tikr</c>. Writes and drops have upstream's names and count what was delivered and dropped, not what
/// was tried.
/// </summary>
internal sealed class OutputMetrics : IDisposable
{
    private static readonly double[] LatencyMs = [0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 10000, 60000];
    private readonly Meter _meter;
    private readonly Counter<long> _writes, _drops;
    private readonly Histogram<double> _sendMs;
    private long _delivered, _dropped, _droppedAsFull;

    public OutputMetrics(IMeterFactory meters)
    {
        _meter = meters.Create("tikr");
        _writes = _meter.CreateCounter<long>("tikr.output.kafka_writes_total", null, "Records delivered to Kafka, by topic and series.");
        _drops = _meter.CreateCounter<long>(
            "tikr.output.kafka_drops_total", null, "Bars and late ticks' records that were given up, by topic, series and reason.");
        _sendMs = _meter.CreateHistogram(
            "tikr.output.kafka_send_ms", null, "Milliseconds from handing a record over until it is in its topic, one record in 64.",
            null, new InstrumentAdvice<double> { HistogramBucketBoundaries = LatencyMs });
    }

    /// <summary>Records given up so far because the spool was full.</summary>
    public long DroppedAsFull => Interlocked.Read(ref _droppedAsFull);

    /// <summary>Records given up so far.</summary>
    public long TotalDropped => Interlocked.Read(ref _dropped);

    /// <summary>Records delivered so far.</summary>
    public long TotalDelivered => Interlocked.Read(ref _delivered);

    public void Delivered(string topic, string series, long records)
    {
        _writes.Add(records, new KeyValuePair<string, object?>("topic", topic), new KeyValuePair<string, object?>("series", series));
        Interlocked.Add(ref _delivered, records);
    }

    public void Dropped(string topic, string series, string reason, long records)
    {
        _drops.Add(records, new("topic", topic), new("series", series), new("reason", reason));
        // In this order who reads the sum first never takes one for dropped otherwise.
        if (reason == DropReasons.OutboxFull) Interlocked.Add(ref _droppedAsFull, records);
        Interlocked.Add(ref _dropped, records);
    }

    public void Took(string topic, TimeSpan elapsed) =>
        _sendMs.Record(elapsed.TotalMilliseconds, new KeyValuePair<string, object?>("topic", topic));

    /// <summary>Shows what waits; called once by the owner of the senders.</summary>
    public void Show(Func<IEnumerable<Measurement<long>>> depth, Func<IEnumerable<Measurement<double>>> oldest)
    {
        _meter.CreateObservableGauge("tikr.output.outbox_depth", depth, null,
            "Records waiting in the outbox or under way, by series, as far as this process sends them.");
        _meter.CreateObservableGauge(
            "tikr.output.outbox_oldest_age_seconds", oldest, null, "Age of the oldest of them by the end of its bucket, by series.");
    }

    public void Dispose() => _meter.Dispose();
}
