using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Tikr.Tests.Streaming.Kafka.Support;
using Tikr.Tests.Support.Kafka;

namespace Tikr.Tests.Streaming.Kafka.Provider;

/// <summary>What is counted, as a metrics exporter sees it.</summary>
public sealed class MetricsTests
{
    [Fact]
    public async Task Records_are_counted_where_they_pass()
    {
        await using var cluster = await KafkaCluster.StartAsync(mock: true);
        using var meters = new MeterReader(cluster.Services().GetRequiredService<IMeterFactory>());
        await cluster.Subscriber("publisher").PublishAsync(KafkaCluster.Implicit, "key", ["1", "2", "3"]);
        await cluster.WriteAsync("key", ["poison"]);
        cluster.Kafka.InjectErrors(KafkaApi.Produce, ErrorCode.MsgSizeTooLarge);
        await Assert.ThrowsAnyAsync<Exception>(() => cluster.Subscriber("publisher")
            .PublishAsync(KafkaCluster.Implicit, "key", ["refused"]));
        await cluster.CollectedAsync(3);
        await cluster.CommittedAsync(4);

        var read = meters.Read();

        Assert.Equal(3, read["produced_total"]);
        Assert.Equal(1, read["failed_total MsgSizeTooLarge"]);
        Assert.Equal(4, read["consumed_total"]);
        Assert.Equal(3, read["delivered_total"]);
        Assert.Equal(1, read["poison_total"]);
        Assert.Equal((0, 0, 0), (read["in_flight_records"], read["in_flight_bytes"], read["cached_records"]));
        Assert.True(read.ContainsKey("lag"));
    }

    /// <summary>Sums of all instruments of the meter, of one factory.</summary>
    private sealed class MeterReader : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly Dictionary<string, long> _sums = [];
        private readonly HashSet<Instrument> _observable = [];

        public MeterReader(IMeterFactory factory)
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name != "tikr.streaming.kafka" || instrument.Meter.Scope != factory) return;
                if (instrument.IsObservable) _observable.Add(instrument);
                listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
            {
                var name = instrument.Name["tikr.streaming.kafka.".Length..];
                foreach (var (key, tag) in tags)
                {
                    if (key == "code") name += $" {tag}";
                }

                lock (_sums) _sums[name] = _sums.GetValueOrDefault(name) + value;
            });
            _listener.Start();
        }

        public Dictionary<string, long> Read()
        {
            _listener.RecordObservableInstruments();
            lock (_sums) return new(_sums);
        }

        public void Dispose() => _listener.Dispose();
    }
}
