namespace Tikr.Tests.EndToEnd.Scenarios;

/// <summary>The bad-input table, queries.</summary>
public sealed class BadQueryTests(SharedSilo shared) : IClassFixture<SharedSilo>
{
    private const long Hour = 3600 * WallClock.Second;

    public static TheoryData<string, string, string, long, StatusCode> Rows => new()
    {
        // what                    series             dimension   length       status
        { "unknown series",        "no_such_series",  "symbol",   Hour,        StatusCode.NotFound },
        { "unknown dimension",     "market_ticks",    "venue",    Hour,        StatusCode.InvalidArgument },
        { "empty range",           "market_ticks",    "symbol",   0,           StatusCode.InvalidArgument },
        { "range backwards",       "market_ticks",    "symbol",   -Hour,       StatusCode.InvalidArgument },
        { "range of 25 hours",     "market_ticks",    "symbol",   25 * Hour,   StatusCode.InvalidArgument },
        { "range of 24 hours",     "market_ticks",    "symbol",   24 * Hour,   StatusCode.OK },
        { "value never seen",      "market_ticks",    "symbol",   Hour,        StatusCode.OK },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Query_is_answered_with_the_status_of_its_mistake(
        string what, string series, string dimension, long length, StatusCode expected)
    {
        var from = WallClock.NowNs - (24 * Hour);
        var dimensions = new Dictionary<string, string> { [dimension] = $"never seen, {what}" };

        var bars = await StatusOfAsync(() => shared.Silo.Client.BarsAsync(series, from, from + length, dimensions));
        var ticks = await StatusOfAsync(() => shared.Silo.Client.TicksAsync(series, from, from + length, dimensions));

        Assert.Equal((expected, expected), (bars, ticks));
    }

    private static async Task<StatusCode> StatusOfAsync<T>(Func<Task<List<T>>> query)
    {
        try
        {
            Assert.Empty(await query());
            return StatusCode.OK;
        }
        catch (RpcException refused)
        {
            Assert.NotEmpty(refused.Status.Detail);
            return refused.StatusCode;
        }
    }
}
