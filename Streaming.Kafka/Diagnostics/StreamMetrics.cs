using Tikr.Streaming.Kafka.Caching;

namespace Tikr.Streaming.Kafka.Diagnostics;

/// <summary>What the reader of one partition counts.</summary>
internal sealed class StreamMetrics(KafkaMetrics metrics, string provider, int partition, RecordCache cache) : IDisposable
{
    private Func<long> _lag = static () => 0;

    /// <summary>The tags of its gauges.</summary>
    public KeyValuePair<string, object?>[] Tags { get; } = [new("provider", provider), new("partition", partition)];

    /// <summary>Records in the cache that some subscriber has still to get.</summary>
    public long Undelivered => cache.Undelivered;

    /// <summary>Records that wait in the topic.</summary>
    public long Lag => _lag();

    public void ShowLag(Func<long> lag) => _lag = lag;

    public void Consumed(int records)
    {
        if (records > 0) metrics.Consumed(Tags[0], records);
    }

    public void Delivered(int records) => metrics.ConsumedDelivered(Tags[0], records);

    public void Poison() => metrics.Poison(Tags[0]);

    public void Dispose() => metrics.Remove(this);
}
