using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Tikr.Contracts;
using Tikr.Gateway.Hosting;
using Tikr.Gateway.Metrics;
using Tikr.Tests.Gateway.Fakes;
using Tikr.Tests.Support.Processes;

namespace Tikr.Tests.Gateway.Surface;

public sealed class PortTests
{
    [Fact]
    public async Task Each_port_serves_its_own_pages_only()
    {
        await using var server = await GatewayServer.StartAsync();
        (HttpClient Client, string Path, HttpStatusCode Expected)[] cases =
        [
            (server.Http,    "/healthz",     HttpStatusCode.OK),
            (server.Http,    "/readyz",      HttpStatusCode.OK),
            (server.Http,    "/debug/specs", HttpStatusCode.OK),
            (server.Http,    "/debug/store", HttpStatusCode.OK),
            (server.Http,    "/metrics",     HttpStatusCode.NotFound),
            (server.Http,    "/",            HttpStatusCode.NotFound),
            (server.Metrics, "/metrics",     HttpStatusCode.OK),
            (server.Metrics, "/healthz",     HttpStatusCode.NotFound),
            (server.Metrics, "/debug/store", HttpStatusCode.NotFound),
        ];
        foreach (var (client, path, expected) in cases)
        {
            using var answer = await client.GetAsync(path, TestContext.Current.CancellationToken);
            Assert.True(expected == answer.StatusCode, $"{client.BaseAddress}{path[1..]}: {answer.StatusCode}, expected {expected}");
        }
    }

    [Fact]
    public async Task Debug_pages_show_specs_and_store()
    {
        await using var server = await GatewayServer.StartAsync();
        server.Store.Flush(new TickRow(server.Store.Key("AAPL", "X"), 5, 1, [51, 0]));
        var bytes = server.Store.Memory.Read()["ticks_bytes"];
        var specs = await server.Http.GetStringAsync("/debug/specs", TestContext.Current.CancellationToken);
        var store = await server.Http.GetStringAsync("/debug/store", TestContext.Current.CancellationToken);
        Assert.Contains("\"series\": \"market_ticks\"", specs, StringComparison.Ordinal);
        Assert.Contains("\"late\": \"revise\"", specs, StringComparison.Ordinal);
        Assert.NotEqual(0, bytes);
        Assert.Contains($"\"ticks_bytes\": {bytes}", store, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metrics_keep_the_names_of_their_instruments()
    {
        await using var server = await GatewayServer.StartAsync();
        var metrics = server.Services.GetRequiredService<GatewayMetrics>();
        metrics.TicksAccepted("market_ticks", 5);
        metrics.TicksRejected("market_ticks", "too_late", 2);
        metrics.MessageReceived(7);
        metrics.Flushed(TimeSpan.FromMilliseconds(3), 5);
        await server.Client.Bars(new BarQuery { Series = "market_ticks", StartNs = 1, EndNs = 2 });

        var page = await server.Metrics.GetStringAsync("/metrics", TestContext.Current.CancellationToken);

        string[] expected =
        [
            "tikr_ingest_ticks_total{", "tikr_ingest_rejected_total{", "tikr_ingest_batch_size_bucket{", "tikr_ingest_flush_ms_bucket{",
            "tikr_ingest_active_streams{", "tikr_query_requests_total{", "tikr_query_latency_ms_bucket{", "tikr_store_size{", "dotnet_",
        ];
        Assert.All(expected, name => Assert.Contains('\n' + name, page, StringComparison.Ordinal));
        Assert.DoesNotContain("total_total", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Version_uptime_and_series_are_told()
    {
        await using var server = await GatewayServer.StartAsync();
        var info = await server.Client.GetInfoAsync(new Empty(), cancellationToken: TestContext.Current.CancellationToken);
        var list = await server.Client.ListSeriesAsync(new Empty(), cancellationToken: TestContext.Current.CancellationToken);

        Assert.Matches(@"^\d+\.\d+\.\d+", info.Version);
        Assert.InRange(info.UptimeSeconds, 0UL, 60UL);
        var series = Assert.Single(list.Series);
        Assert.Equal(series, Assert.Single(info.Series));
        Assert.Equal(("market_ticks", "1s"), (series.Name, series.Rollup));
        Assert.Equal(["symbol", "venue"], series.Dimensions);
        Assert.Equal(["close", "volume", "trades"], series.Metrics);
    }

    [Fact]
    public void Receive_blocks_are_large_and_reused()
    {
        using var pool = new ReceiveBlockPool();
        var first = pool.Rent();
        Assert.Equal(16 * 1024, first.Memory.Length);
        first.Dispose();
        first.Dispose();
        using var again = pool.Rent();
        using var other = pool.Rent();
        Assert.Same(first, again);
        Assert.NotSame(again, other);
        Assert.Throws<ArgumentOutOfRangeException>(() => pool.Rent((16 * 1024) + 1));
    }
}
