using System.Diagnostics;

namespace Tikr.Tests.Cluster;

/// <summary>How soon servers know of each other's death, and what one does that was declared dead.</summary>
public sealed class DetectionTests : IAsyncLifetime
{
    /// <summary>Ten seconds, and what a busy machine adds.</summary>
    private static readonly TimeSpan Detected = TimeSpan.FromSeconds(15);

    private ServerCluster _cluster = null!;

    public async ValueTask InitializeAsync() => _cluster = await ServerCluster.StartAsync();

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task A_server_that_was_killed_hangs_or_is_cut_off_is_declared_dead()
    {
        foreach (var (what, begin) in new (string, Func<ClusterServer, Task>)[]
        {
            ("killed", server => server.KillAsync()),
            ("hanging", SuspendAsync),
            ("cut off from the others", CutAsync),
            ("cut off from the database", LoseDatabaseAsync),
        })
        {
            var server = _cluster.Servers[1];
            var others = _cluster.UsualServers.Where(other => other != server).Select(other => other.Machine.Address).ToList();
            var started = Stopwatch.GetTimestamp();
            await begin(server);
            await Eventually.HoldsAsync($"the server that is {what} is declared dead, and no other", Detected, async () =>
                await _cluster.LivingInTableAsync() is var living && living.Order().SequenceEqual(others.Order())
                    ? null : string.Join(", ", living));
            Say($"{what}: declared dead after {Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s");
            await _cluster.Servers[0].Machine.HealAsync(server.Machine);
            await _cluster.Servers[2].Machine.HealAsync(server.Machine);
            await _cluster.RestoreAsync();
        }
    }

    [Fact]
    public async Task A_server_that_was_declared_dead_ends_its_streams_with_their_count_and_exits_for_its_supervisor()
    {
        var server = _cluster.Servers[1];
        using var call = server.Client.IngestTicks(cancellationToken: TestContext.Current.CancellationToken);
        var tick = new MarketTick("STREAM", WallClock.NowNs, 100, 1, 1);
        await call.RequestStream.WriteAsync(Assert.Single(new[] { tick }.ToRequests()), TestContext.Current.CancellationToken);
        await Eventually.HoldsAsync("the tick is stored", Eventually.Patience, async () =>
            await Sql.ScalarAsync<long>(_cluster.Store, "SELECT count(*) FROM tikr.market_ticks WHERE symbol = 'STREAM'") == 1
                ? null : "not yet");

        server.Suspend();
        await Eventually.HoldsAsync("it is declared dead", Detected, async () =>
            (await _cluster.LivingInTableAsync()).Contains(server.Machine.Address) ? "alive" : null);
        server.Resume();

        var failure = await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync);
        Assert.Equal(StatusCode.Unavailable, failure.StatusCode);
        Assert.Equal("1", failure.Trailers.GetValue("tikr-ticks-received"));
        Assert.Equal(3, await server.Silo.Program.WaitForExitAsync(TimeSpan.FromSeconds(30)));
        Assert.Contains("the server stops with exit code 3 to be started anew", server.Silo.Program.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_three_that_died_one_starts_alone_and_says_what_it_waits_for()
    {
        foreach (var server in _cluster.UsualServers) await server.KillAsync();
        var first = _cluster.Servers[2];
        var started = Stopwatch.GetTimestamp();
        first.Launch();

        var said = new HashSet<string>();
        await Eventually.HoldsAsync("it is ready", TimeSpan.FromSeconds(40), async () =>
        {
            if (await first.NotReadyReasonAsync() is not { } reason) return null;
            said.Add(reason);
            return reason;
        });

        Say($"ready after {Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s");
        Assert.Contains(said, reason => reason.Contains($"{_cluster.Servers[0].Machine.Address}:11111", StringComparison.Ordinal)
            && reason.Contains("count as dead once their heartbeats have stood still", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Health_is_answered_before_there_is_a_database()
    {
        var joiner = _cluster.Joiner;
        joiner.Database.Reject();
        joiner.Launch();

        var reason = await Eventually.HoldsAsync(
            "the database is named", joiner.NotReadyReasonAsync,
            text => text?.Contains("waiting for database", StringComparison.Ordinal) ?? false);
        Assert.Contains("starting", reason, StringComparison.Ordinal);
        Assert.Equal("ok\n", await joiner.GetAsync("/healthz"));

        joiner.Database.Heal();
        await joiner.BeReadyAsync();
    }

    private static void Say(string line) => TestContext.Current.TestOutputHelper?.WriteLine(line);

    private static Task SuspendAsync(ClusterServer server)
    {
        server.Suspend();
        return Task.CompletedTask;
    }

    private static Task LoseDatabaseAsync(ClusterServer server)
    {
        server.Database.Blackhole();
        return Task.CompletedTask;
    }

    private async Task CutAsync(ClusterServer server)
    {
        foreach (var other in _cluster.UsualServers.Where(other => other != server)) await server.Machine.CutAsync(other.Machine);
    }
}
