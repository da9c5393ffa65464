using System.Globalization;

namespace Tikr.Tests.EndToEnd.Delivery;

/// <summary>A mock of Kafka, and a server that publishes to it.</summary>
internal sealed class KafkaServer : IAsyncDisposable
{
    public const string Topic = "bars";

    private KafkaServer(MockKafka kafka, SiloProcess silo) => (Kafka, Silo) = (kafka, silo);

    public MockKafka Kafka { get; }

    public SiloProcess Silo { get; }

    /// <summary>Starts both; the server gets a spec of market_ticks with the failure policy.</summary>
    public static async Task<KafkaServer> StartAsync(
        string name, string onFailure, bool isDown = false, string more = "",
            int topicPartitions = 4, params (string Variable, string Value)[] settings)
    {
        var kafka = MockKafka.Start();
        kafka.CreateTopic(Topic, topicPartitions);
        if (isDown) kafka.Down();
        var environment = new Dictionary<string, string>
        {
            ["TIKR_KAFKA_BROKERS"] = kafka.BootstrapServers,

            // The mock does not check sequence numbers, by which brokers keep requests in order that overtake each other.
            ["TIKR_KAFKA_SETTINGS"] =
                "max.in.flight=1,reconnect.backoff.max.ms=500,retry.backoff.max.ms=500,"
                + "topic.metadata.refresh.interval.ms=1000,topic.metadata.refresh.fast.interval.ms=50",
        };
        foreach (var (variable, value) in settings) environment[variable] = value;
        var silo = await SiloProcess.StartAsync(new SiloOptions
        {
            Name = name,
            Specs = new Dictionary<string, string> { ["market_ticks.yaml"] = SpecOf(onFailure) + more },
            Environment = environment,
        }).ConfigureAwait(false);
        return new KafkaServer(kafka, silo);
    }

    /// <summary>Waits until nothing waits to be published: for a second, since an answer of /metrics may be some tenths old.</summary>
    public Task IsDrainedAsync(TimeSpan timeout)
    {
        var waitedLast = WallClock.NowNs;
        return Eventually.HoldsAsync("nothing waits to be published", timeout, async () =>
        {
            var metrics = await Silo.MetricsAsync().ConfigureAwait(false);
            var waiting = metrics.Sum("tikr_output_outbox_depth");
            if (waiting > 0) waitedLast = WallClock.NowNs;
            return WallClock.NowNs - waitedLast > WallClock.Second
                ? null
                : $"{waiting} wait, {metrics.Sum("tikr_output_kafka_writes_total")} written, "
                    + $"{metrics.Sum("tikr_output_kafka_drops_total")} dropped; {(await Silo.ReadinessAsync().ConfigureAwait(false)).Text}";
        });
    }

    /// <summary>Waits until <c>/readyz</c> says degraded, and ready all the same.</summary>
    public Task SaysDegradedAsync() => Eventually.HoldsAsync("/readyz says degraded", TimeSpan.FromSeconds(30), async () =>
    {
        var (ready, text) = await Silo.ReadinessAsync().ConfigureAwait(false);
        Assert.True(ready, text);
        return text.Contains("\"degraded\": true", StringComparison.Ordinal) && text.Contains("kafka", StringComparison.Ordinal)
            ? null : text;
    });

    /// <summary>A sum of a counter of the output.</summary>
    public async Task<long> CountAsync(string name, params string[] labels) =>
        (long)(await Silo.MetricsAsync().ConfigureAwait(false)).Sum($"tikr_output_{name}", labels);

    /// <summary>What is in the topic.</summary>
    public PublishedBars Read(string topic = Topic)
    {
        using var reader = new TopicReader(Kafka.BootstrapServers, topic);
        return new PublishedBars(reader.ReadAll());
    }

    public async ValueTask DisposeAsync()
    {
        await Silo.DisposeAsync().ConfigureAwait(false);
        Kafka.Dispose();
    }

    private static string SpecOf(string onFailure)
    {
        var shipped = File.ReadAllText(Path.Combine(Repository.Specs, "market_ticks.yaml"));
        var output = shipped.IndexOf("output:", StringComparison.Ordinal);
        return string.Create(CultureInfo.InvariantCulture,
            $"{shipped[..output]}output:\n  kafka:\n    topic: {Topic}\n    on_failure: {onFailure}\n");
    }
}
