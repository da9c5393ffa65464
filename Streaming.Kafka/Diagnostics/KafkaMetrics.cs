using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;

namespace Tikr.Streaming.Kafka.Diagnostics;

/// <summary>The instruments of meter <c>tikr.streaming.kafka</c>; one set per meter factory, whoever produces or consumes.</summary>
internal sealed class KafkaMetrics
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "tikr.streaming.kafka";

    private static readonly ConditionalWeakTable<IMeterFactory, KafkaMetrics> ByFactory = [];
    private static readonly Lazy<KafkaMetrics> Shared = new(() => new KafkaMetrics(new Meter(MeterName)));

    private readonly ConcurrentDictionary<ProducerMetrics, bool> _producers = new();
    private readonly Counter<long> _failed;

    private KafkaMetrics(Meter meter)
    {
        _failed = meter.CreateCounter<long>($"{MeterName}.failed_total", description: "Records not delivered, by client and error code.");
        meter.CreateObservableCounter($"{MeterName}.produced_total", () => Read(producer => producer.DeliveredRecords), description: "Records delivered, by client.");
        meter.CreateObservableUpDownCounter($"{MeterName}.in_flight_records", () => Read(producer => producer.InFlightRecords()),
            description: "Records handed over and not yet reported, by client.");
        meter.CreateObservableUpDownCounter($"{MeterName}.in_flight_bytes", () => Read(producer => producer.InFlightBytes()), "By",
            "Bytes of keys and values of those, by client.");
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

    public void Failed(KeyValuePair<string, object?> client, ErrorCode code) => _failed.Add(1, client, new("code", code.ToString()));

    public void Remove(ProducerMetrics producer) => _producers.TryRemove(producer, out _);

    private IEnumerable<Measurement<long>> Read(Func<ProducerMetrics, long> value) => _producers.Keys.Select(producer => new Measurement<long>(value(producer), producer.Tag));
}
