namespace Tikr.Tests.EndToEnd.Crash;

/// <summary>The database is slow or away for a moment: answers take longer, streams wait, and nothing else happens.</summary>
public sealed class DatabaseSlowTests : DatabaseAwaySuite
{
    [Fact]
    public async Task A_short_outage_only_delays_answers()
    {
        await using var proxy = FaultProxy.Start(Database.Endpoint);
        await using var silo = await StartAsync(Through(proxy));
        await silo.Client.SendAsync(Tick("FIRST"));
        proxy.Reject();
        proxy.Cut();
        var waiting = silo.Client.SendAsync(Tick("SECOND"));
        await NotReadyAsync(silo, "refused");
        Assert.False(waiting.IsCompleted);
        proxy.Heal();
        Assert.Equal(1UL, (await waiting).TicksReceived);
        await silo.WaitUntilReadyAsync();
    }

    [Fact]
    public async Task A_slow_network_slows_answers_and_nothing_else()
    {
        await using var proxy = FaultProxy.Start(Database.Endpoint);
        await using var silo = await StartAsync(Through(proxy));
        proxy.Latency = TimeSpan.FromMilliseconds(100);
        var ledger = new CrashLedger();
        var from = WallClock.LatestCompleteBucket;
        using var stop = new ProducersEnd();
        var (producers, running) = Produce(silo, stop.Token);
        await Eventually.ClockPassesAsync(WallClock.NowNs + (5 * WallClock.Second));
        Assert.True((await silo.ReadinessAsync()).Ready);
        await stop.CancelAsync();
        await running.WaitAsync(Bounded, Stop);
        Assert.All(producers, producer => Assert.False(producer.Acknowledged.IsEmpty));
        await CheckAsync(silo, ledger, producers, from);
    }

    [Fact]
    public async Task Connections_that_an_administrator_ends_cost_no_stream()
    {
        await using var silo = await StartAsync(Database.ConnectionString);
        for (var i = 0; i < 10; i++)
        {
            await Database.ExecuteAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                + "WHERE datname = current_database() AND application_name LIKE 'tikr %'");
            Assert.Equal(1UL, (await silo.Client.SendAsync(Tick("ENDED"))).TicksReceived);
        }
    }

    [Fact]
    public async Task Streams_wait_with_what_they_have_while_the_database_is_away()
    {
        await using var proxy = FaultProxy.Start(Database.Endpoint);
        await using var silo = await StartAsync(Through(proxy));
        foreach (var key in Producer.Keys("WAIT", KeysPerProducer)) await silo.Client.SendAsync(Tick(key));
        proxy.Blackhole();
        using var call = silo.Client.IngestTicks(cancellationToken: Stop);
        var (time, sequence, sent) = (WallClock.NowNs, 0u, 0L);
        await Assert.ThrowsAsync<RpcException>(async () =>
        {
            while (true)
            {
                var ticks = Enumerable.Range(0, 1000)
                    .Select(i => new MarketTick($"WAIT-{i % KeysPerProducer}", time + i, 100, 1, ++sequence));
                await call.RequestStream.WriteAsync(Assert.Single(ticks.ToRequests()), Stop);
                sent += 1000;
            }
        });
        Assert.Equal(StatusCode.Unavailable, (await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync)).StatusCode);

        // What the server takes in unstored (0.5 M), and what the windows of HTTP/2 hold.
        Assert.InRange(sent, 100_000, 1_500_000);
        proxy.Heal();
        await silo.WaitUntilReadyAsync();
        Assert.Equal(1UL, (await silo.Client.SendAsync(Tick("LAST"))).TicksReceived);
    }
}
