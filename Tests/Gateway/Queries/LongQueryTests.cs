using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Tikr.Contracts;
using Tikr.Tests.Gateway.Fakes;
using Tikr.Tests.Support.Processes;
using static Tikr.Tests.Gateway.Fakes.Market;

namespace Tikr.Tests.Gateway.Queries;

public sealed class LongQueryTests
{
    private static readonly TickQuery Everything = new() { Series = "market_ticks", StartNs = 0, EndNs = 3600UL * (ulong)Second };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_client_that_reads_on_slowly_gets_everything_and_one_that_leaves_harms_nobody()
    {
        await using var server = await GatewayServer.StartAsync();
        StoreManyTicks(server, 150_000);
        using var slow = server.Client.QueryTicks(Everything, cancellationToken: Stop);
        using (var leaving = server.Client.QueryTicks(Everything, cancellationToken: Stop))
        {
            Assert.True(await leaving.ResponseStream.MoveNext(Stop));
        }

        Assert.Single(await server.Client.Ticks(new TickQuery(Everything) { Limit = 1 }));
        Assert.Equal(150_000, await slow.ResponseStream.ReadAllAsync(Stop).CountAsync(Stop));
    }

    [Fact]
    public async Task A_stopping_server_ends_its_queries_as_unavailable()
    {
        await using var server = await GatewayServer.StartAsync();
        StoreManyTicks(server, 150_000);
        using var call = server.Client.QueryTicks(Everything, cancellationToken: Stop);
        Assert.True(await call.ResponseStream.MoveNext(Stop));

        server.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();

        var error = await Assert.ThrowsAsync<RpcException>(async () =>
            await call.ResponseStream.ReadAllAsync(Stop).CountAsync(Stop));
        Assert.Equal(StatusCode.Unavailable, error.StatusCode);
    }

    [Fact]
    public async Task A_client_that_stopped_reading_does_not_hold_up_the_stop()
    {
        await using var server = await GatewayServer.StartAsync();
        StoreManyTicks(server, 150_000);
        using var call = server.Client.QueryTicks(Everything, cancellationToken: Stop);
        Assert.True(await call.ResponseStream.MoveNext(Stop));

        await server.StopAsync().WaitAsync(TimeSpan.FromSeconds(10), Stop);

        await Assert.ThrowsAsync<RpcException>(async () => await call.ResponseStream.ReadAllAsync(Stop).CountAsync(Stop));
    }

    private static void StoreManyTicks(GatewayServer server, int count)
    {
        var key = server.Store.Key("AAPL", "X");
        foreach (var block in Enumerable.Range(0, count).Chunk(256))
        {
            server.Store.Flush([.. block.Select(i => new TickRow(key, i * 10_000_000L, 0, [i, 1]))]);
        }
    }
}
