using System.Net;
using System.Net.Sockets;
using System.Text;
using Google.Protobuf;

namespace Tikr.Tests.EndToEnd.Scenarios;

/// <summary>The bad-input table, streams and connections: each ends with a clear status and harms no other.</summary>
public sealed class BadStreamTests(SharedSilo shared) : IClassFixture<SharedSilo>
{
    private SiloProcess Silo => shared.Silo;

    [Fact]
    public async Task Message_of_17_MB_ends_its_stream_only()
    {
        var tick = new MarketTick("HUGE", WallClock.LatestCompleteBucket, 1, 1, 1).ToData();
        var size = new IngestRequest { Ticks = { tick } }.CalculateSize();
        var huge = new IngestRequest { Series = Ingest.MarketSeries, Ticks = { Enumerable.Repeat(tick, (17 << 20) / size) } };

        await RefusedNextToAGoodStreamAsync("beside-huge", huge.ToByteArray(), StatusCode.ResourceExhausted);
    }

    [Fact]
    public Task Garbage_instead_of_protobuf_ends_its_stream_only()
    {
        var garbage = new byte[4096];
        new Random(3).NextBytes(garbage);
        garbage[0] = 0x0A;
        garbage[1] = 0xFF;
        return RefusedNextToAGoodStreamAsync("beside-garbage", garbage, StatusCode.InvalidArgument);
    }

    [Fact]
    public Task Truncated_message_ends_its_stream_only()
    {
        var whole = new IngestRequest
        {
            Series = Ingest.MarketSeries,
            Ticks = { new MarketTick("CUT", WallClock.NowNs, 1, 1, 1).ToData() }
        }.ToByteArray();
        return RefusedNextToAGoodStreamAsync("beside-truncated", whole[..^3], StatusCode.InvalidArgument);
    }

    [Fact]
    public async Task Invalid_utf8_in_a_dimension_is_refused_and_the_rest_is_kept()
    {
        var good = new MarketTick("beside-utf8", WallClock.LatestCompleteBucket, 1, 1, 1);
        var bytes = new IngestRequest
        {
            Series = Ingest.MarketSeries,
            Ticks = { good.ToData(), (good with { Symbol = "UTF8?" }).ToData() },
        }.ToByteArray();
        var at = bytes.AsSpan().IndexOf("UTF8?"u8);
        bytes[at + 4] = 0xC3;

        var answer = await RawStream.SendAsync(Silo.NewChannel(), bytes);

        Assert.Equal(1UL, answer.TicksReceived);
        Assert.Equal(new Rejection { Reason = "invalid_utf8", Ticks = 1 }, Assert.Single(answer.Rejections));
    }

    [Fact]
    public async Task Stream_closed_without_a_message_is_answered_with_zero()
    {
        var answer = await Silo.Client.SendAsync(Array.Empty<IngestRequest>());

        Assert.Equal(new IngestResponse(), answer);
    }

    [Fact]
    public async Task Message_without_ticks_is_answered_with_zero()
    {
        var answer = await Silo.Client.SendAsync([new IngestRequest(), new IngestRequest { Series = Ingest.MarketSeries }]);

        Assert.Equal(0UL, answer.TicksReceived);
        Assert.Equal(0UL, answer.TicksRejected);
    }

    [Fact]
    public async Task Cancelled_stream_keeps_what_was_read_and_harms_no_other()
    {
        using var cancelled = new CancellationTokenSource();
        using var call = Silo.Client.IngestTicks(cancellationToken: cancelled.Token);
        var tick = new MarketTick("CANCELLED", WallClock.LatestCompleteBucket, 1, 1, 1);
        await call.RequestStream.WriteAsync(
            new IngestRequest { Series = Ingest.MarketSeries, Ticks = { tick.ToData() } }, TestContext.Current.CancellationToken);
        await Eventually.HoldsAsync("the tick of the open stream is stored", TimeSpan.FromSeconds(10), async () =>
            (await StoredAsync(tick)).Count == 1 ? null : "not stored");

        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<Exception>(() => call.ResponseAsync);
        await GoodStreamIsStoredAsync("beside-cancelled");
        Assert.Single(await StoredAsync(tick));
    }

    [Fact]
    public async Task Thousand_idle_connections_leave_room_for_a_working_one()
    {
        var preface = Encoding.ASCII.GetBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
            .Concat(new byte[] { 0, 0, 0, 4, 0, 0, 0, 0, 0 }).ToArray();
        var idle = new List<TcpClient>();
        try
        {
            for (var i = 0; i < 1000; i++)
            {
                var client = new TcpClient();
                idle.Add(client);
                await client.ConnectAsync(IPAddress.Loopback, Silo.Ports.Grpc, TestContext.Current.CancellationToken);
                await client.GetStream().WriteAsync(preface, TestContext.Current.CancellationToken);
            }

            await GoodStreamIsStoredAsync("beside-idle");
        }
        finally
        {
            idle.ForEach(client => client.Dispose());
        }
    }

    private async Task RefusedNextToAGoodStreamAsync(string symbol, byte[] message, StatusCode expected)
    {
        using var open = Silo.Client.IngestTicks(cancellationToken: TestContext.Current.CancellationToken);
        var before = new MarketTick(symbol, WallClock.LatestCompleteBucket, 1, 1, 1);
        await open.RequestStream.WriteAsync(
            new IngestRequest { Series = Ingest.MarketSeries, Ticks = { before.ToData() } }, TestContext.Current.CancellationToken);

        var refused = await Assert.ThrowsAsync<RpcException>(() => RawStream.SendAsync(Silo.NewChannel(), message));

        Assert.Equal(expected, refused.StatusCode);
        Assert.NotEmpty(refused.Status.Detail);
        var after = before with { Sequence = 2 };
        await open.RequestStream.WriteAsync(
            new IngestRequest { Series = Ingest.MarketSeries, Ticks = { after.ToData() } }, TestContext.Current.CancellationToken);
        await open.RequestStream.CompleteAsync();
        Assert.Equal(2UL, (await open.ResponseAsync).TicksReceived);
        Assert.Equal([before, after], await StoredAsync(before));
    }

    private async Task GoodStreamIsStoredAsync(string symbol)
    {
        var tick = new MarketTick(symbol, WallClock.LatestCompleteBucket, 1, 1, 1);
        Assert.Equal(1UL, (await Silo.Client.SendAsync(tick)).TicksReceived);
        Assert.Equal([tick], await StoredAsync(tick));
    }

    private async Task<List<MarketTick>> StoredAsync(MarketTick tick)
    {
        var stored = await Silo.Client.TicksAsync(
            Ingest.MarketSeries, tick.Time, tick.Time + 1, new Dictionary<string, string> { ["symbol"] = tick.Symbol });
        return [.. stored.Select(MarketTick.Of)];
    }
}
