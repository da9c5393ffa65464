using Confluent.Kafka;

namespace Tikr.Tests.EndToEnd.Delivery;

/// <summary>
/// on_failure: spool. Whatever happens to the brokers, no bar is missing, keys go on in order, and repetitions are the same.
/// </summary>
public sealed class SpoolTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Bars_are_published_with_key_time_and_headers()
    {
        await using var server = await KafkaServer.StartAsync("spool-well", "spool");
        var producer = new MarketProducer(20);
        await producer.SendPastAsync(server.Silo, 30, WallClock.LatestCompleteBucket - (60 * WallClock.Second));
        await AllBarsArriveAsync(server, producer);
        Assert.Contains("\"degraded\": false", (await server.Silo.ReadinessAsync()).Text, StringComparison.Ordinal);
        Assert.Equal(producer.Bars.Count, await server.CountAsync("kafka_writes_total", "topic=\"bars\"", "series=\"market_ticks\""));
    }

    [Fact]
    public async Task Brokers_that_are_down_at_the_start_get_everything_when_they_come()
    {
        await using var server = await KafkaServer.StartAsync("spool-down-at-start", "spool", isDown: true);
        var producer = new MarketProducer(20);
        await producer.SendPastAsync(server.Silo, 30, WallClock.LatestCompleteBucket - (60 * WallClock.Second));
        // The last past bucket waits for silence, and would come after the first live one.
        await server.Silo.Client.HasExactlyAsync(producer.Bars, Patience);
        await producer.SendLiveAsync(server.Silo, TimeSpan.FromSeconds(3));
        await server.SaysDegradedAsync();
        Assert.Equal(0, await server.CountAsync("kafka_writes_total"));
        server.Kafka.Up();
        await AllBarsArriveAsync(server, producer);
    }

    [Fact]
    public async Task A_server_without_its_brokers_stops_soon_and_publishes_after_its_next_start()
    {
        await using var server = await KafkaServer.StartAsync("spool-stop", "spool", isDown: true);
        var producer = new MarketProducer(20);
        await producer.SendPastAsync(server.Silo, 30, WallClock.LatestCompleteBucket - (60 * WallClock.Second));
        Assert.Equal(0, await server.Silo.StopAsync(TimeSpan.FromSeconds(15)));
        server.Kafka.Up();
        await server.Silo.RestartAsync();
        await AllBarsArriveAsync(server, producer);
    }

    [Fact]
    public async Task Brokers_that_flap_under_load_get_every_bar()
    {
        await using var server = await KafkaServer.StartAsync("spool-flapping", "spool");
        var producer = new MarketProducer(200);
        var sending = producer.SendLiveAsync(server.Silo, TimeSpan.FromSeconds(14));
        for (var i = 0; i < 5; i++)
        {
            server.Kafka.Down();
            await Eventually.ClockPassesAsync(WallClock.NowNs + (WallClock.Second * 3 / 2));
            server.Kafka.Up();
            await Eventually.ClockPassesAsync(WallClock.NowNs + WallClock.Second);
        }

        await sending;
        await AllBarsArriveAsync(server, producer);
    }

    [Fact]
    public async Task Kills_of_the_server_during_an_outage_lose_nothing()
    {
        await using var server = await KafkaServer.StartAsync("spool-killed", "spool");
        var producer = new MarketProducer(100);
        await producer.SendPastAsync(server.Silo, 30, WallClock.LatestCompleteBucket - (200 * WallClock.Second));
        await server.IsDrainedAsync(Patience);
        server.Kafka.Down();
        for (var i = 1; i <= 3; i++)
        {
            await producer.SendPastAsync(server.Silo, 30, WallClock.LatestCompleteBucket - ((200 - (i * 40)) * WallClock.Second));
            await server.Silo.KillAsync();
            if (i == 3) server.Kafka.Up();
            await server.Silo.RestartAsync();
        }

        await AllBarsArriveAsync(server, producer);
    }

    [Fact]
    public async Task Errors_of_the_brokers_lose_nothing()
    {
        await using var server = await KafkaServer.StartAsync("spool-errors", "spool");
        var producer = new MarketProducer(50);
        ErrorCode[] codes =
            [ErrorCode.NotEnoughReplicas, ErrorCode.LeaderNotAvailable,
                ErrorCode.TopicAuthorizationFailed, ErrorCode.MsgSizeTooLarge, ErrorCode.RequestTimedOut];
        for (var i = 0; i < codes.Length; i++)
        {
            server.Kafka.InjectErrors(KafkaApi.Produce, [.. Enumerable.Repeat(codes[i], 10)]);
            await producer.SendPastAsync(server.Silo, 20, WallClock.LatestCompleteBucket - ((200 - (i * 25)) * WallClock.Second));
            await server.Silo.Client.HasExactlyAsync(producer.Bars, Patience);
            await server.IsDrainedAsync(Patience);
        }

        await AllBarsArriveAsync(server, producer);
        Assert.Equal(0, await server.CountAsync("kafka_drops_total"));
    }

    private static async Task AllBarsArriveAsync(KafkaServer server, MarketProducer producer)
    {
        await server.Silo.Client.HasExactlyAsync(producer.Bars, Patience);
        await server.IsDrainedAsync(Patience);
        var published = server.Read();
        published.AreConsistent();
        Assert.Equal([.. producer.Bars.OrderBy(bar => (bar.Symbol, bar.Bucket))],
            published.Latest.OrderBy(bar => (bar.Symbol, bar.Bucket)));
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{published.Records.Count} records, {published.Repeated} of them repeated, {producer.Bars.Count} bars");
    }
}
