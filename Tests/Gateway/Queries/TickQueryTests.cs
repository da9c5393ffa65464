using Tikr.Contracts;
using Tikr.Core.Rollup;
using Tikr.Core.Specs;
using Tikr.Tests.Gateway.Fakes;
using Tikr.Tests.Support.Processes;
using static Tikr.Tests.Gateway.Fakes.Market;

namespace Tikr.Tests.Gateway.Queries;

public sealed class TickQueryTests
{
    private static TickQuery All(uint limit = 0) =>
        new() { Series = "market_ticks", StartNs = 0, EndNs = 3600UL * (ulong)Second, Limit = limit };

    [Fact]
    public async Task Ticks_of_one_key_come_by_time_then_sequence_then_position()
    {
        await using var server = await GatewayServer.StartAsync();
        var key = server.Store.Key("AAPL", "X");
        server.Store.Flush(new(key, 5, 1, [51, 0]), new(key, 9, 1, [91, 0]));
        server.Store.Flush(new(key, 5, 1, [52, 0]), new(key, 5, 0, [50, 0]), new(key, 7, 2, [72, 0]));
        server.Store.Flush(new TickRow(key, 1, 9, [19, 0]));

        var ticks = await server.Client.Ticks(All().With("symbol", "AAPL").With("venue", "X"));

        Assert.Equal([19, 50, 51, 52, 72, 91], ticks.Select(tick => tick.Fields["price"]));
        Assert.Equal("AAPL", ticks[0].Dimensions["symbol"]);
        Assert.Equal("X", ticks[0].Dimensions["venue"]);
    }

    [Fact]
    public async Task Several_keys_come_key_by_key_in_dimension_order()
    {
        await using var server = await GatewayServer.StartAsync();
        var (msft, aapl, other) = (server.Store.Key("MSFT", "X"), server.Store.Key("AAPL", "X"), server.Store.Key("AAPL", "A"));
        server.Store.Flush(new(msft, 1, 0, [1, 0]), new(aapl, 2, 0, [2, 0]), new(other, 3, 0, [3, 0]));
        server.Store.Flush(new(aapl, 1, 0, [4, 0]), new(msft, 0, 0, [5, 0]));

        Assert.Equal([3, 4, 2, 5, 1], (await server.Client.Ticks(All())).Select(tick => tick.Fields["price"]));
        Assert.Equal([3, 4, 2], (await server.Client.Ticks(All().With("symbol", "AAPL"))).Select(tick => tick.Fields["price"]));
        Assert.Equal([4, 2, 5, 1], (await server.Client.Ticks(All().With("venue", "X"))).Select(tick => tick.Fields["price"]));
        Assert.Equal([3, 4, 2], (await server.Client.Ticks(All(limit: 3))).Select(tick => tick.Fields["price"]));
    }

    [Fact]
    public async Task The_range_includes_its_start_and_excludes_its_end()
    {
        await using var server = await GatewayServer.StartAsync();
        var key = server.Store.Key("AAPL", "X");
        server.Store.Flush(new(key, 9, 0, [9, 0]), new(key, 10, 0, [10, 0]), new(key, 19, 0, [19, 0]), new(key, 20, 0, [20, 0]));

        var ticks = await server.Client.Ticks(new TickQuery { Series = "market_ticks", StartNs = 10, EndNs = 20 });

        Assert.Equal([10, 19], ticks.Select(tick => tick.Fields["price"]));
    }

    [Fact]
    public async Task A_value_not_seen_yet_is_an_empty_answer()
    {
        await using var server = await GatewayServer.StartAsync();
        Assert.Empty(await server.Client.Ticks(All().With("symbol", "NEW").With("venue", "X")));
        Assert.Empty(await server.Client.Ticks(All().With("symbol", "NEW")));
    }

    [Fact]
    public async Task Repeats_are_left_out_of_a_series_that_counts_them_once()
    {
        await using var server = await GatewayServer.StartAsync(new SeriesModel(Spec with { Dedup = DedupPolicy.Sequence }));
        var key = server.Store.Key("AAPL", "X");
        server.Store.Flush(new(key, 5, 1, [1, 0]), new(key, 5, 2, [2, 0]));
        server.Store.Flush(new(key, 5, 1, [3, 0]), new(key, 5, 3, [4, 0]), new(key, 5, 3, [5, 0]));
        server.Store.Flush(new(key, 5, 0, [6, 0]), new(key, 5, 0, [6, 0]));

        // Without a sequence a tick repeats no other, whatever it holds.
        Assert.Equal([6, 6, 1, 2, 4], (await server.Client.Ticks(All())).Select(tick => tick.Fields["price"]));
    }

    [Fact]
    public async Task A_field_that_was_not_given_is_absent()
    {
        await using var server = await GatewayServer.StartAsync(new SeriesModel(Spec with { MissingField = MissingFieldPolicy.Skip }));
        var key = server.Store.Key("AAPL", "X");
        server.Store.Flush(new(key, 1, 0, [1, 2], 0b11), new(key, 2, 0, [1, 0], 0b01), new(key, 3, 0, [0, 3], 0b10));

        var ticks = await server.Client.Ticks(All());

        Assert.Equal(["price,quantity", "price", "quantity"], ticks.Select(tick => string.Join(',', tick.Fields.Keys.Order())));
    }
}
