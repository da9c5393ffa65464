namespace Tikr.Tests.EndToEnd.Delivery;

/// <summary>on_failure: block. Ingest waits while too much waits for the brokers; nothing is dropped, and memory stays bounded.</summary>
public sealed class BlockTests
{
    private const int Symbols = 200, Buckets = 400, Ticks = 15, Bound = 2_000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Ingest_waits_for_the_brokers_and_goes_on_with_them()
    {
        await using var server = await StartAsync("block-outage");
        var producer = new MarketProducer(Symbols, Ticks);
        server.Kafka.Down();
        var before = server.Silo.Program.ResidentMegabytes;
        var sending = producer.SendPastAsync(server.Silo, Buckets, WallClock.LatestCompleteBucket - (450 * WallClock.Second));
        await IsHeldUpAsync(server);
        Assert.False(sending.IsCompleted);
        Assert.InRange(server.Silo.Program.ResidentMegabytes, 0, before + 400);

        server.Kafka.Up();
        await sending;
        await server.Silo.Client.HasExactlyAsync(producer.Bars, Patience);
        await server.IsDrainedAsync(Patience);
        var published = server.Read();
        published.AreConsistent();
        Assert.Equal([.. producer.Bars.OrderBy(bar => (bar.Symbol, bar.Bucket))],
            published.Latest.OrderBy(bar => (bar.Symbol, bar.Bucket)));
        Assert.Equal(0, await server.CountAsync("kafka_drops_total"));
    }

    [Fact]
    public async Task A_kill_while_ingest_waits_changes_nothing()
    {
        await using var server = await StartAsync("block-killed");
        var producer = new MarketProducer(Symbols, Ticks);
        server.Kafka.Down();
        var from = WallClock.LatestCompleteBucket - (450 * WallClock.Second);
        var sending = producer.SendPastAsync(server.Silo, Buckets, from);
        await IsHeldUpAsync(server);
        await server.Silo.KillAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => sending);
        await server.Silo.RestartAsync();
        server.Kafka.Up();
        await server.IsDrainedAsync(Patience);

        var stored = (await server.Silo.Client.BarsAsync(Ingest.MarketSeries, from, from + (500 * WallClock.Second)))
            .Select(MarketBar.Of).ToList();
        var published = server.Read();
        published.AreConsistent();
        Assert.NotEmpty(stored);
        Assert.Equal([.. stored.OrderBy(bar => (bar.Symbol, bar.Bucket))], published.Latest.OrderBy(bar => (bar.Symbol, bar.Bucket)));
    }

    private static Task<KafkaServer> StartAsync(string name) =>
        KafkaServer.StartAsync(name, "block", settings: ("TIKR_KAFKA_BLOCK_MAX_RECORDS", $"{Bound}"));

    /// <summary>Ingest waits: /readyz says so, and no further tick is taken.</summary>
    private static async Task IsHeldUpAsync(KafkaServer server)
    {
        var ticks = -1.0;
        await Eventually.HoldsAsync("ingest is held up", Patience, async () =>
        {
            var before = ticks;
            ticks = (await server.Silo.MetricsAsync()).Sum("tikr_ingest_ticks_total");
            var (ready, text) = await server.Silo.ReadinessAsync();
            Assert.True(ready, text);
            return text.Contains("held up", StringComparison.Ordinal) && ticks == before ? null : $"{ticks} ticks, {text}";
        });

        // The metrics page answers from a moment ago.
        await Eventually.HoldsAsync($"more than {Bound} records wait", Patience,
            async () => await server.CountAsync("outbox_depth") is var depth && depth > Bound ? null : $"{depth}");
    }
}
