using System.Diagnostics;

namespace Tikr.Tests.EndToEnd.Crash;

/// <summary>A server under load whose database is about to be away.</summary>
public abstract class DatabaseAwaySuite : IAsyncLifetime
{
    protected const int KeysPerProducer = 20;

    /// <summary>
    /// A flush gives up after 10 s, in a silent network after twice that, and a stream may have to wait for the flush before its own.
    /// </summary>
    protected static readonly TimeSpan Bounded = TimeSpan.FromSeconds(60);

    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    protected TestDatabase Database { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Database = await TimescaleServer.CreateDatabaseAsync("away");

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Streams end with UNAVAILABLE and the reason, which /readyz says too, and all goes on by itself afterwards.</summary>
    private protected static async Task OutageAsync(string database, Func<Task> begin, Func<Task> end, string reason)
    {
        await using var silo = await StartAsync(database);
        var ledger = new CrashLedger();
        var from = WallClock.LatestCompleteBucket;
        using var stop = new ProducersEnd();
        var (producers, running) = Produce(silo, stop.Token);
        await AnsweredAsync(producers);
        var first = Tick("PROBE");
        await silo.Client.SendAsync(first);
        await begin();
        var started = Stopwatch.GetTimestamp();
        var probe = Tick("PROBE");
        var refused = await Assert.ThrowsAsync<RpcException>(() => silo.Client.SendAsync(probe));
        var took = Stopwatch.GetElapsedTime(started);
        Assert.Equal(StatusCode.Unavailable, refused.StatusCode);
        Assert.Contains(reason, refused.Status.Detail, StringComparison.Ordinal);
        Assert.Contains("trailers tell how many were kept", refused.Status.Detail, StringComparison.Ordinal);
        Assert.InRange(took, TimeSpan.FromSeconds(5), Bounded);
        TestContext.Current.TestOutputHelper?.WriteLine($"UNAVAILABLE after {took.TotalSeconds:0.0} s: {refused.Status.Detail}");
        await NotReadyAsync(silo, reason);

        // A key that must be looked up first is no way around.
        refused = await Assert.ThrowsAsync<RpcException>(() => silo.Client.SendAsync(Tick("NEVER-SEEN")));
        Assert.Equal(StatusCode.Unavailable, refused.StatusCode);
        await end();
        await silo.WaitUntilReadyAsync();
        await AnsweredAsync(producers);
        await stop.CancelAsync();
        await running.WaitAsync(Bounded, Stop);
        await CheckAsync(silo, ledger, producers, from, first, probe);
    }

    private protected static async Task CheckAsync(
        SiloProcess silo, CrashLedger ledger, Producer[] producers, long from, params MarketTick[] others)
    {
        foreach (var producer in producers) ledger.Add(producer);
        Assert.NotEqual(0, ledger.Acknowledged);
        Assert.False(silo.Program.HasExited, silo.Program.Output);
        await ledger.CheckAsync(silo.Client, from, WallClock.CurrentBucket + WallClock.Second, "after the outage", others);
    }

    private protected static (Producer[] Producers, Task Running) Produce(SiloProcess silo, CancellationToken stop)
    {
        Producer[] producers = [new(1, Producer.Keys("LIVE-A", KeysPerProducer), lagNs: 0),
            new(2, Producer.Keys("LIVE-B", KeysPerProducer), lagNs: 0)];
        return (producers, Task.WhenAll(
            producers.Select(producer => Task.Run(() => producer.RunAsync(silo.Client, stop), CancellationToken.None))));
    }

    private protected static Task AnsweredAsync(Producer[] producers)
    {
        var before = producers.Select(producer => producer.Acknowledged.Count).ToArray();
        return Eventually.HoldsAsync("every producer is answered", Bounded, () => Task.FromResult(
            Enumerable.Range(0, producers.Length).All(i => producers[i].Acknowledged.Count > before[i]) ? null : "some producers wait"));
    }

    private protected static Task NotReadyAsync(SiloProcess silo, string reason) =>
        Eventually.HoldsAsync($"/readyz says '{reason}'", Bounded, async () =>
        await silo.ReadinessAsync() is var (ready, text) && !ready && text.Contains(reason, StringComparison.Ordinal)
            ? null : $"/readyz answers {text}");

    private protected static Task<SiloProcess> StartAsync(string database) =>
        SiloProcess.StartAsync(new SiloOptions { Name = "database-away", Database = database });

    private protected string Through(FaultProxy proxy) => Sql.Through(Database.ConnectionString, proxy.Host, proxy.Port);

    private protected static Func<Task> Now(Action action) => () =>
    {
        action();
        return Task.CompletedTask;
    };

    private protected static MarketTick Tick(string symbol) => new(symbol, WallClock.NowNs, 100, 1, 1);
}
