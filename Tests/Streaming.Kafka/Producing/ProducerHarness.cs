using System.Text;
using Confluent.Kafka;
using Tikr.Streaming.Kafka.Producing;
using Tikr.Tests.Streaming.Kafka.Support;
using Tikr.Tests.Support;
using Tikr.Tests.Support.Kafka;

namespace Tikr.Tests.Streaming.Kafka.Producing;

/// <summary>A producer on a mock cluster whose errors the test decides.</summary>
internal sealed class ProducerHarness : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private long _next;

    public ProducerHarness(Action<KafkaProducerOptions>? configure = null, MockKafka? kafka = null, string? bootstrapServers = null)
    {
        Kafka = kafka ?? MockKafka.Start();
        var options = new KafkaProducerOptions { BootstrapServers = bootstrapServers ?? Kafka.BootstrapServers, ClientId = "test" };
        options.Settings["retry.backoff.ms"] = "20";
        options.Settings["reconnect.backoff.max.ms"] = "100";
        configure?.Invoke(options);
        Producer = new KafkaRecordProducer(options, Log);
    }

    public MockKafka Kafka { get; }

    public KafkaRecordProducer Producer { get; }

    public Deliveries Deliveries { get; } = new();

    public LogRecorder Log { get; } = new();

    public string Topic { get; } = TestKafka.NewTopic();

    /// <summary>Hands over records of one key; token n is the n-th record, whose value is its token.</summary>
    public async Task<long> SendAsync(string? key = "key", int size = 0, string? topic = null, int partition = -1)
    {
        var token = _next++;
        var value = Encoding.UTF8.GetBytes($"{token}".PadRight(size));
        var record = new KafkaRecord
        {
            Topic = topic ?? Topic,
            Key = key is null
            ? null : Encoding.UTF8.GetBytes(key),
            Value = value,
            Partition = partition
        };
        await Producer.ProduceAsync(record, Deliveries, token, TestContext.Current.CancellationToken)
            .AsTask().WaitAsync(Patience, TestContext.Current.CancellationToken);
        return token;
    }

    public async Task SendManyAsync(int count, string? key = "key")
    {
        for (var i = 0; i < count; i++) await SendAsync(key);
    }

    /// <summary>Waits until everything handed over is reported.</summary>
    public Task ReportedAsync() => Eventually.HoldsAsync("every record is reported", Patience, () =>
        Task.FromResult(Deliveries.Count == _next ? null : $"{Deliveries.Count} of {_next}, {Producer.InFlightRecords} in flight"));

    /// <summary>What an independent consumer finds in the topic.</summary>
    public IReadOnlyList<ConsumeResult<byte[]?, byte[]?>> Read(string? topic = null)
    {
        using var reader = new TopicReader(Kafka.BootstrapServers, topic ?? Topic);
        return reader.ReadAll();
    }

    /// <summary>Tokens in the topic.</summary>
    public IReadOnlyList<long> ReadTokens() => [.. Read()
        .Select(record => long.Parse(Encoding.UTF8.GetString(record.Message.Value!), System.Globalization.CultureInfo.InvariantCulture))];

    public async ValueTask DisposeAsync()
    {
        await Producer.DisposeAsync();
        Kafka.Dispose();
    }
}
