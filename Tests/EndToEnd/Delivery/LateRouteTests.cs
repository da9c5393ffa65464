namespace Tikr.Tests.EndToEnd.Delivery;

/// <summary>
/// late: route. A late tick is acknowledged when it is durable on its way to its topic, and can be sent to a server again from there.
/// </summary>
public sealed class LateRouteTests
{
    private const string LateTopic = "late", Route = $"    late_topic: {LateTopic}\nlate: route\n";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Late_ticks_go_to_their_topic_and_no_bar_changes()
    {
        await using var server = await KafkaServer.StartAsync("late-route", "spool", more: Route);
        var (live, late) = await SendAsync(server);
        await ArriveAsync(server, late);

        Assert.Equal(late.Count, (await server.Silo.MetricsAsync()).Sum("tikr_ingest_routed_total", "series=\"market_ticks\""));
        var stored = await server.Silo.Client.TicksAsync(
            Ingest.MarketSeries, live.Time - (60 * WallClock.Second), live.Time + WallClock.Second);
        Assert.Equal(live, MarketTick.Of(Assert.Single(stored)));
    }

    [Fact]
    public async Task Acknowledged_late_ticks_survive_a_kill_while_the_brokers_are_down()
    {
        await using var server = await KafkaServer.StartAsync("late-killed", "spool", isDown: true, more: Route);
        var (_, late) = await SendAsync(server);
        await server.Silo.KillAsync();
        server.Kafka.Up();
        await server.Silo.RestartAsync();
        await ArriveAsync(server, late);
    }

    private static async Task<(MarketTick Live, List<MarketTick> Late)> SendAsync(KafkaServer server)
    {
        var now = WallClock.NowNs;
        // Ahead of the clock, so that it is in time however long the call takes.
        var live = new MarketTick("LIVE", now + (5 * WallClock.Second), 100, 1, 1);
        var late = Enumerable.Range(0, 500)
            .Select(i => new MarketTick($"S{i % 3}", now - (10 * WallClock.Second) - (i * 1_000_000L), 1_000 + i, i, (uint)i)).ToList();
        var answer = await server.Silo.Client.SendAsync([live, .. late]);
        Assert.Equal((501UL, 0UL), (answer.TicksReceived, answer.TicksRejected));
        return (live, late);
    }

    private static async Task ArriveAsync(KafkaServer server, List<MarketTick> late)
    {
        await server.IsDrainedAsync(Patience);
        using var reader = new TopicReader(server.Kafka.BootstrapServers, LateTopic);
        List<MarketTick> routed = [];
        foreach (var record in reader.ReadAll())
        {
            var request = IngestRequest.Parser.ParseFrom(record.Message.Value);
            Assert.Equal(Ingest.MarketSeries, request.Series);
            Assert.Equal($"symbol={Assert.Single(request.Ticks.Select(tick => tick.Dimensions["symbol"]).Distinct())}",
                System.Text.Encoding.UTF8.GetString(record.Message.Key!));
            routed.AddRange(request.Ticks.Select(MarketTick.Of));
        }

        Assert.Equal(late.OrderBy(tick => tick.Sequence), routed.OrderBy(tick => tick.Sequence));
    }
}
