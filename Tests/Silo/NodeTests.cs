using System.Net;
using Grpc.Core;
using Tikr.Contracts;
using Tikr.Core.Time;
using Tikr.Tests.Support;
using Tikr.Tests.Support.Processes;

namespace Tikr.Tests.Silo;

/// <summary>Through a whole node: what goes in over gRPC comes out of it exactly.</summary>
public sealed class NodeTests
{
    private const long Second = 1_000_000_000;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ticks_become_bars_that_survive_a_restart()
    {
        var folder = Directory.CreateTempSubdirectory("tikr-test-");
        try
        {
            var bucket = (TimeProvider.System.GetUnixNanoseconds() / Second * Second) - (10 * Second);
            await using (var server = await TikrServer.StartAsync(dataFolder: folder.FullName))
            {
                var answer = await Ingest(
                    server, Tick("AAPL", bucket + 5, 1, 100, 7), Tick("AAPL", bucket + 5, 2, 90, 1), Tick("AAPL", bucket + 1, 9, 95, 2));
                Assert.Equal((3UL, 0UL), (answer.TicksReceived, answer.TicksRejected));
                Assert.Equal(["95", "100", "90"], (await server.Client.Ticks(Ticks(bucket))).Select(tick => $"{tick.Fields["price"]}"));
                await Eventually.HoldsAsync("the bar closes", () => server.Client.Bars(Bars(bucket)), bars => bars.Count == 1);
            }

            await using (var server = await TikrServer.StartAsync(dataFolder: folder.FullName))
            {
                var bar = Assert.Single(await server.Client.Bars(Bars(bucket)));
                Assert.Equal(
                    new Dictionary<string, long>
                    {
                        ["open"] = 95,
                        ["high"] = 100,
                        ["low"] = 90,
                        ["close"] = 90,
                        ["volume"] = 10,
                        ["tick_count"] = 3
                    }, bar.Metrics);
                Assert.Equal((bucket + 1, bucket + 5, 0U), ((long)bar.FirstTimestamp, (long)bar.LastTimestamp, bar.Revision));
                Assert.Equal(3, (await server.Client.Ticks(Ticks(bucket))).Count);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task The_open_bar_is_answered_on_request_only()
    {
        // Grace keeps the bucket open long enough to be looked at.
        await using var server = await TikrServer.StartAsync(
            [TikrServer.MarketYaml.Replace("rollup: 1s", "rollup: 1m\n  grace: 10s", StringComparison.Ordinal)]);
        var now = TimeProvider.System.GetUnixNanoseconds();
        await Ingest(server, Tick("AAPL", now, 0, 100, 7));
        var query = new BarQuery
        {
            Series = "market_ticks",
            StartNs = (ulong)(now - (60 * Second)),
            EndNs = (ulong)(now + Second),
            IncludeOpen = true
        };

        var bars = await Eventually.HoldsAsync("the open bar shows", () => server.Client.Bars(query), bars => bars.Count == 1);

        Assert.True(bars[0].Open);
        Assert.Equal(7, bars[0].Metrics["volume"]);
        Assert.Empty(await server.Client.Bars(new BarQuery(query) { IncludeOpen = false }));
    }

    [Fact]
    public async Task A_ready_node_says_so_and_shows_its_metrics()
    {
        await using var server = await TikrServer.StartAsync();
        await Ingest(server, Tick("AAPL", TimeProvider.System.GetUnixNanoseconds(), 0, 100, 7));
        Assert.Equal(HttpStatusCode.OK, (await server.Http.GetAsync("/readyz", Stop)).StatusCode);

        var page = await server.Metrics.GetStringAsync("/metrics", Stop);

        string[] expected = ["tikr_ingest_ticks_total{", "tikr_ingest_flush_ms_bucket{",
            "tikr_store_size{", "orleans_", "kestrel_", "dotnet_gc_"];
        Assert.All(expected, name => Assert.Contains('\n' + name, page, StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_open_ingest_stream_does_not_hold_up_the_stop_and_its_ticks_are_kept()
    {
        var folder = Directory.CreateTempSubdirectory("tikr-test-");
        try
        {
            var bucket = (TimeProvider.System.GetUnixNanoseconds() / Second * Second) - (10 * Second);
            await using (var server = await TikrServer.StartAsync(dataFolder: folder.FullName))
            {
                using var idle = server.Client.IngestTicks(cancellationToken: Stop);
                await idle.RequestStream.WriteAsync(
                    new IngestRequest { Series = "market_ticks", Ticks = { Tick("AAPL", bucket, 0, 1, 1) } }, Stop);
                await Eventually.HoldsAsync("the tick is stored", () => server.Client.Ticks(Ticks(bucket)), ticks => ticks.Count == 1);

                await server.StopAsync().WaitAsync(TimeSpan.FromSeconds(10), Stop);

                var error = await Assert.ThrowsAsync<RpcException>(async () => await idle.ResponseAsync);
                Assert.Equal(StatusCode.Unavailable, error.StatusCode);
            }

            await using var again = await TikrServer.StartAsync(dataFolder: folder.FullName);
            Assert.Single(await again.Client.Ticks(Ticks(bucket)));
            await Eventually.HoldsAsync("its bar is there", () => again.Client.Bars(Bars(bucket)), bars => bars.Count == 1);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Two_nodes_share_a_machine()
    {
        await using var one = await TikrServer.StartAsync();
        await using var other = await TikrServer.StartAsync();
        await Ingest(one, Tick("AAPL", TimeProvider.System.GetUnixNanoseconds(), 0, 1, 1));
        Assert.NotEqual(one.Address, other.Address);
        Assert.Equal("market_ticks", (await other.Client.GetInfoAsync(new Empty(), cancellationToken: Stop)).Series[0].Name);
    }

    private static TickData Tick(string symbol, long time, uint sequence, long price, long quantity) => new()
    {
        TimestampNs = (ulong)time,
        Sequence = sequence,
        Dimensions = { ["symbol"] = symbol },
        Fields = { ["price"] = price, ["quantity"] = quantity },
    };

    private static async Task<IngestResponse> Ingest(TikrServer server, params TickData[] ticks)
    {
        using var call = server.Client.IngestTicks(cancellationToken: Stop);
        await call.RequestStream.WriteAsync(new IngestRequest { Series = "market_ticks", Ticks = { ticks } }, Stop);
        await call.RequestStream.CompleteAsync();
        return await call.ResponseAsync;
    }

    private static TickQuery Ticks(long bucket) =>
        new() { Series = "market_ticks", StartNs = (ulong)bucket, EndNs = (ulong)(bucket + Second) };

    private static BarQuery Bars(long bucket) =>
        new() { Series = "market_ticks", StartNs = (ulong)bucket, EndNs = (ulong)(bucket + Second) };
}
