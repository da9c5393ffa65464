using Confluent.Kafka;

namespace Tikr.Tests.EndToEnd.Delivery;

/// <summary>
/// on_failure: drop. What is missing is what the counter says, nothing waits in the store, and the log has it once per burst.
/// </summary>
public sealed class DropTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task The_counter_says_exactly_what_an_outage_cost()
    {
        await using var server = await KafkaServer.StartAsync("drop-outage", "drop", settings: ("TIKR_KAFKA_DROP_AFTER", "1s"));
        var producer = new MarketProducer(50);
        await producer.SendPastAsync(server.Silo, 20, WallClock.LatestCompleteBucket - (200 * WallClock.Second));
        await SettlesAsync(server, producer);
        Assert.Equal(0, await server.CountAsync("kafka_drops_total"));

        server.Kafka.Down();
        await producer.SendPastAsync(server.Silo, 20, WallClock.LatestCompleteBucket - (150 * WallClock.Second));
        await SettlesAsync(server, producer);
        var dropped = await server.CountAsync("kafka_drops_total", "reason=\"delivery_failed\"");
        Assert.Equal(20 * 50, dropped);
        var lines = server.Silo.Program.Output.Split('\n')
            .Count(line => line.Contains("are dropped: delivery_failed", StringComparison.Ordinal));
        Assert.InRange(lines, 1, 2);
        await Eventually.HoldsAsync("/readyz tells of the drops", TimeSpan.FromSeconds(10), async () =>
            (await server.Silo.ReadinessAsync()).Text is var text
                && text.Contains($"records are dropped, {dropped} since the start", StringComparison.Ordinal) ? null : text);

        server.Kafka.Up();
        await producer.SendPastAsync(server.Silo, 20, WallClock.LatestCompleteBucket - (100 * WallClock.Second));
        await SettlesAsync(server, producer);
        await MissingIsCountedAsync(server, producer);
    }

    [Fact]
    public async Task Errors_of_the_brokers_cost_what_the_counter_says()
    {
        await using var server = await KafkaServer.StartAsync("drop-errors", "drop", settings: ("TIKR_KAFKA_DROP_AFTER", "5s"));
        var producer = new MarketProducer(50);
        ErrorCode[] codes = [ErrorCode.NotEnoughReplicas, ErrorCode.TopicAuthorizationFailed, ErrorCode.MsgSizeTooLarge];
        for (var i = 0; i < codes.Length; i++)
        {
            server.Kafka.InjectErrors(KafkaApi.Produce, [.. Enumerable.Repeat(codes[i], 5)]);
            await producer.SendPastAsync(server.Silo, 20, WallClock.LatestCompleteBucket - ((100 - (i * 25)) * WallClock.Second));
            await SettlesAsync(server, producer);
        }

        await MissingIsCountedAsync(server, producer);
    }

    private static async Task SettlesAsync(KafkaServer server, MarketProducer producer)
    {
        await server.Silo.Client.HasExactlyAsync(producer.Bars, Patience);
        await server.IsDrainedAsync(Patience);
        Assert.Equal(0, (await server.Silo.MetricsAsync()).Sum("tikr_store_size", "name=\"outbox_estimate\""));
    }

    private static async Task MissingIsCountedAsync(KafkaServer server, MarketProducer producer)
    {
        var published = server.Read();
        var (delivered, dropped) = (await server.CountAsync("kafka_writes_total"), await server.CountAsync("kafka_drops_total"));
        Assert.Equal(published.Records.Count, delivered);
        Assert.Equal(producer.Bars.Count - published.Identities.Count, dropped);
        Assert.Empty(published.Latest.Except(producer.Bars));
    }
}
