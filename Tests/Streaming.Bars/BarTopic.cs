using Confluent.Kafka;
using Tikr.Core.Dimensions;
using Tikr.Core.Otlp;
using Tikr.Core.Specs;
using Tikr.Tests.Support.Kafka;
using CoreBar = Tikr.Core.Rollup.Bar;

namespace Tikr.Tests.Streaming.Bars;

/// <summary>A topic of bars as Tikr fills it, and a plain producer that knows nothing of ours.</summary>
internal sealed class BarTopic : IDisposable
{
    public const int Partitions = 4;
    public const long Second = 1_000_000_000, Time = 1_700_000_000 * Second;

    private readonly MockKafka _kafka = MockKafka.Start();
    private readonly IProducer<byte[]?, byte[]?> _producer;

    public BarTopic()
    {
        Name = TestKafka.NewTopic("bars");
        _kafka.CreateTopic(Name, Partitions);
        _producer = new ProducerBuilder<byte[]?, byte[]?>(new ProducerConfig
        {
            BootstrapServers = _kafka.BootstrapServers,
            Partitioner = Partitioner.Murmur2Random,
            LingerMs = 1,
        }).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
    }

    public static SeriesSpec Spec { get; } = new()
    {
        Series = "market_ticks",
        Dimensions = [new DimensionSpec("symbol")],
        Metrics = [new MetricSpec("close", "price", FieldType.Int64, "last"),
            new MetricSpec("volume", "quantity", FieldType.UInt64, "sum"), new MetricSpec("tick_count", null, FieldType.UInt64, "count")],
        RollupNs = Second,
        RollupText = "1s",
    };

    public string Name { get; }

    public string Brokers => _kafka.BootstrapServers;

    /// <summary>A bar of the n-th second.</summary>
    public static CoreBar Bar(int second, long close, long volume = 7, int revision = 0, ulong present = 7) => new()
    {
        BucketStart = Time + (second * Second),
        FirstTimestamp = Time + (second * Second) + 1,
        LastTimestamp = Time + (second * Second) + 2,
        TickCount = 3,
        Values = [close, volume, 3],
        Present = present,
        Revision = revision,
    };

    public Task<DeliveryResult<byte[]?, byte[]?>> PublishAsync(string symbol, CoreBar bar, BarEncoding encoding = BarEncoding.Otlp)
    {
        var key = new DimensionSet(Spec, [symbol]);
        return PublishAsync(RecordKey.Of(key), BarEncoder.For(Spec, encoding).NewTemplate(key).Encode(bar));
    }

    public Task<DeliveryResult<byte[]?, byte[]?>> PublishAsync(byte[]? key, byte[]? value) =>
        _producer.ProduceAsync(Name, new Message<byte[]?, byte[]?> { Key = key!, Value = value! }, TestContext.Current.CancellationToken);

    public void Dispose()
    {
        _producer.Dispose();
        _kafka.Dispose();
    }
}
