using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using Tikr.Streaming.Kafka.Caching;

namespace Tikr.Streaming.Kafka.Diagnostics;

/// <summary>The instruments of meter <c>tikr.streaming.kafka</c>; one set per meter factory, whoever produces or consumes.</summary>
internal sealed class KafkaMetrics
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "tikr.streaming.kafka";

    private static readonly ConditionalWeakTable<IMeterFactory, KafkaMetrics> ByFactory = [];
    private static readonly Lazy<KafkaMetrics> Shared = new(() => new KafkaMetrics(new Meter(MeterName)));

    private readonly ConcurrentDictionary<ProducerMetrics, bool> _producers = new();
    private readonly ConcurrentDictionary<StreamMetrics, bool> _partitions = new();
    private readonly Counter<long> _failed, _consumed, _delivered, _poison, _notDelivered;

    private KafkaMetrics(Meter meter)
    {
        _failed = meter.CreateCounter<long>($"{MeterName}.failed_total", description: "Records not delivered, by client and error code.");
        meter.CreateObservableCounter($"{MeterName}.produced_total",
            () => Read((ProducerMetrics producer) => producer.DeliveredRecords), description: "Records delivered, by client.");
        meter.CreateObservableUpDownCounter(
            $"{MeterName}.in_flight_records", () => Read((ProducerMetrics producer) => producer.InFlightRecords()),
            description: "Records handed over and not yet reported, by client.");
        meter.CreateObservableUpDownCounter(
            $"{MeterName}.in_flight_bytes", () => Read((ProducerMetrics producer) => producer.InFlightBytes()), "By",
            "Bytes of keys and values of those, by client.");
        _consumed = meter.CreateCounter<long>($"{MeterName}.consumed_total", description: "Records read from topics, by provider.");
        _delivered = meter.CreateCounter<long>(
            $"{MeterName}.delivered_total", description: "Records that every subscriber has got or nobody wanted, by provider.");
        _poison = meter.CreateCounter<long>(
            $"{MeterName}.poison_total", description: "Records passed over because they could not be read, by provider.");
        _notDelivered = meter.CreateCounter<long>(
            $"{MeterName}.not_delivered_total", description: "Records given up for a subscriber that failed too long, by provider.");
        meter.CreateObservableUpDownCounter($"{MeterName}.cached_records", () => Read((StreamMetrics partition) => partition.Undelivered),
            description: "Records in memory and not yet delivered, by provider and partition.");
        meter.CreateObservableGauge($"{MeterName}.lag", () => Read((StreamMetrics partition) => partition.Lag),
            description: "Records that wait in the topic, by provider and partition.");
    }

    /// <summary>Those of a factory, or of the process where there is none.</summary>
    public static KafkaMetrics Of(IMeterFactory? meters) =>
        meters is null ? Shared.Value : ByFactory.GetValue(meters, static factory => new KafkaMetrics(factory.Create(MeterName)));

    /// <summary>Those of a new producer.</summary>
    public ProducerMetrics AddProducer(string client)
    {
        var producer = new ProducerMetrics(this, client);
        _producers[producer] = true;
        return producer;
    }

    /// <summary>Those of a partition's reader.</summary>
    public StreamMetrics AddPartition(string provider, int partition, RecordCache cache)
    {
        var added = new StreamMetrics(this, provider, partition, cache);
        _partitions[added] = true;
        return added;
    }

    public void Consumed(KeyValuePair<string, object?> provider, int records) => _consumed.Add(records, provider);

    public void ConsumedDelivered(KeyValuePair<string, object?> provider, int records) => _delivered.Add(records, provider);

    public void Poison(KeyValuePair<string, object?> provider) => _poison.Add(1, provider);

    public void NotDelivered(string provider) => _notDelivered.Add(1, new KeyValuePair<string, object?>("provider", provider));

    public void Remove(StreamMetrics partition) => _partitions.TryRemove(partition, out _);

    public void Failed(KeyValuePair<string, object?> client, ErrorCode code) => _failed.Add(1, client, new("code", code.ToString()));

    public void Remove(ProducerMetrics producer) => _producers.TryRemove(producer, out _);

    private IEnumerable<Measurement<long>> Read(Func<StreamMetrics, long> value) =>
        _partitions.Keys.Select(partition => new Measurement<long>(value(partition), partition.Tags));

    private IEnumerable<Measurement<long>> Read(Func<ProducerMetrics, long> value) =>
        _producers.Keys.Select(producer => new Measurement<long>(value(producer), producer.Tag));
}
