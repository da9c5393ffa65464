using Grpc.Core;
using Tikr.Contracts;
using Tikr.Storage;
using Tikr.Tests.Gateway.Fakes;
using Tikr.Tests.Support.Processes;

namespace Tikr.Tests.Gateway.Queries;

public sealed class QueryErrorTests
{
    private const ulong Day = 24UL * 3600 * 1_000_000_000;

    public static TheoryData<string, string, ulong, ulong, StatusCode, string> Refused => new()
    {
        // series        dimension  start  end       status                       text
        { "nope",         "symbol",  1,     2,        StatusCode.NotFound,         "unknown series 'nope': this server has market_ticks" },
        { "",             "symbol",  1,     2,        StatusCode.NotFound,         "unknown series ''" },
        { "market_ticks", "ticker",  1,     2,        StatusCode.InvalidArgument,  "has no dimension 'ticker': it has symbol, venue" },
        { "market_ticks", "symbol",  0,     0,        StatusCode.InvalidArgument,  "end_ns (0) must be greater than start_ns (0)" },
        { "market_ticks", "symbol",  5,     5,        StatusCode.InvalidArgument,  "end_ns (5) must be greater than start_ns (5)" },
        { "market_ticks", "symbol",  6,     5,        StatusCode.InvalidArgument,  "end_ns (5) must be greater than start_ns (6)" },
        { "market_ticks", "symbol",  7,     Day + 8,  StatusCode.InvalidArgument,  "at most 24 h per query" },
        { "market_ticks", "symbol",  0,     ~0UL,     StatusCode.InvalidArgument,  "at most 24 h per query" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task A_query_that_cannot_be_answered_says_why(
        string series, string dimension, ulong start, ulong end, StatusCode status, string text)
    {
        await using var server = await GatewayServer.StartAsync();

        var ticks = await Assert.ThrowsAsync<RpcException>(
            () => server.Client.Ticks(new TickQuery { Series = series, StartNs = start, EndNs = end }.With(dimension, "A")));
        var bars = await Assert.ThrowsAsync<RpcException>(
            () => server.Client.Bars(new BarQuery { Series = series, StartNs = start, EndNs = end }.With(dimension, "A")));

        Assert.Equal((status, status), (ticks.StatusCode, bars.StatusCode));
        Assert.Contains(text, ticks.Status.Detail, StringComparison.Ordinal);
        Assert.Contains(text, bars.Status.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(7UL, Day + 7)]
    [InlineData(ulong.MaxValue - 10, ulong.MaxValue)]
    [InlineData(long.MaxValue - 1UL, long.MaxValue + 1UL)]
    public async Task Exactly_a_day_and_any_future_are_fine(ulong start, ulong end)
    {
        await using var server = await GatewayServer.StartAsync();
        Assert.Empty(await server.Client.Ticks(new TickQuery { Series = "market_ticks", StartNs = start, EndNs = end }));
        Assert.Empty(await server.Client.Bars(new BarQuery { Series = "market_ticks", StartNs = start, EndNs = end, IncludeOpen = true }));
    }

    [Fact]
    public async Task A_store_that_does_not_answer_is_unavailable()
    {
        await using var server = await GatewayServer.StartAsync();
        server.Store.Memory.Faults.OnListKeys = () => throw new StoreUnavailableException("disk gone");

        var error = await Assert.ThrowsAsync<RpcException>(() => server.Client.Ticks(
            new TickQuery { Series = "market_ticks", StartNs = 1, EndNs = 2 }));

        Assert.Equal(StatusCode.Unavailable, error.StatusCode);
        Assert.Contains("disk gone", error.Status.Detail, StringComparison.Ordinal);
    }
}
