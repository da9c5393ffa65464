using System.Text.RegularExpressions;

namespace Tikr.Tests.Storage.Timescale.Views;

/// <summary>What views and functions return of a range of time, what they read for it, and what has expired.</summary>
public sealed partial class ViewRangeTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    private const long Hour = 3600 * Market.Second;
    private static int _schemas;

    [Fact]
    public async Task Expired_ticks_and_bars_are_never_visible_and_a_changed_ttl_is_followed_at_once()
    {
        await using var store = NewStore();
        (store.TicksTtl, store.BarsTtl) = (TimeSpan.FromHours(3), TimeSpan.FromHours(3));
        var (spec, other) = (Market.Spec("trades", "symbol"), Market.Spec("gone", "symbol"));
        var all = await store.OpenAsync(spec, other);
        foreach (var series in all)
        {
            var key = await store.Store.Keys.KeyAsync(series, "A");
            await store.CommitAsync(series, [new Tick(key, store.Start - (4 * Hour), 1, 4, 1),
                new Tick(key, store.Start - (2 * Hour), 2, 2, 1), new Tick(key, store.Start, 3, 1, 1)]);
        }

        await database.ExecuteAsync($"""
            INSERT INTO {store.Quoted}.bars_1_1000000000 (bucket, key_id, bucket_ns, first_ns, last_ns, tick_count, rev, close)
            SELECT to_timestamp(s), 1, s * 1000000000, 0, 0, 1, 0, h
            FROM (SELECT h, {store.Start / Market.Second} - h * 3600 AS s FROM unnest('{"{4,2,0}"}'::bigint[]) AS h) AS hours
            """);

        Assert.Equal("2\n1", await store.TextAsync("SELECT price FROM trades ORDER BY timestamp_ns"));
        Assert.Equal("2\n0", await store.TextAsync("SELECT close FROM trades_1s ORDER BY bucket"));
        Assert.Equal("2\n0", await store.TextAsync("SELECT close FROM trades_bars('A', '-infinity', 'infinity') ORDER BY bucket"));
        Assert.Equal("2\n1", await store.TextAsync("SELECT price FROM trades_ticks('A', '-infinity', 'infinity') ORDER BY timestamp_ns"));

        // The other series is no longer configured: its views stay and follow too.
        (store.TicksTtl, store.BarsTtl) = (TimeSpan.FromHours(1), TimeSpan.FromHours(2));
        await store.OpenAsync(spec);
        Assert.Equal("1", await store.TextAsync("SELECT price FROM trades"));
        Assert.Equal("1", await store.TextAsync("SELECT price FROM gone"));
        Assert.Equal("0", await store.TextAsync("SELECT close FROM trades_1s"));

        (store.TicksTtl, store.BarsTtl) = (TimeSpan.FromHours(24), TimeSpan.FromHours(24));
        await store.OpenAsync(spec);
        Assert.Equal("4\n2\n1", await store.TextAsync("SELECT price FROM trades ORDER BY timestamp_ns"));
        await database.ExecuteAsync($"UPDATE {store.Quoted}.state SET bars_cutoff = {store.Start - Hour}");
        Assert.Equal("0", await store.TextAsync("SELECT close FROM trades_1s"));
    }

    [Fact]
    public async Task Ticks_expire_one_by_one_within_their_block()
    {
        await using var store = NewStore();
        store.TicksTtl = TimeSpan.FromHours(1);
        var series = (await store.OpenAsync(Market.Spec("trades", "symbol")))[0];
        var key = await store.Store.Keys.KeyAsync(series, "A");
        var edge = (TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() * 1_000_000) - Hour;

        // One block of 1.9 s, the edge of the TTL now or very soon past all of it.
        await store.CommitAsync(series, Enumerable.Range(0, 20)
            .Select(i => new Tick(key, edge - (900_000_000L) + (i * 100_000_000L), (uint)i, i, 1)));
        var visible = await store.QueryAsync("SELECT timestamp_ns, (extract(epoch FROM statement_timestamp()) "
            + "* 1000000)::bigint * 1000 - 3600000000000, count(*) OVER () FROM trades");

        Assert.All(visible, row => Assert.True((long)row[0]! >= (long)row[1]!));
        Assert.True(visible.Count < 12);
    }

    [Fact]
    public async Task Only_chunks_of_the_asked_time_are_read()
    {
        await using var store = NewStore();
        (store.TicksTtl, store.BarsTtl) = (TimeSpan.FromHours(2), TimeSpan.FromHours(2));
        var series = (await store.OpenAsync(Market.Spec("trades", "symbol")))[0];
        var (a, b) = (await store.Store.Keys.KeyAsync(series, "A"), await store.Store.Keys.KeyAsync(series, "B"));
        for (var minutes = 0; minutes <= 60; minutes += 10)
        {
            var at = store.Start - (minutes * 60 * Market.Second);
            await store.CommitAsync(series,
                [.. Enumerable.Range(0, 20).Select(i => new Tick(a, at + i, (uint)i, i, 1)), new Tick(b, at, 1, 1, 1)]);
        }

        await store.StoreBarsAsync(series);
        var from = $"to_timestamp({store.Start / Market.Second}) - interval '1 minute'";

        Assert.Equal(7, await ChunksAsync("ticks_1", "SELECT count(*) FROM trades"));
        Assert.Equal(7, await ChunksAsync("bars_1_1000000000", "SELECT count(*) FROM trades_1s"));
        Assert.Equal(1, await ChunksAsync("ticks_1", $"SELECT count(*) FROM trades WHERE block_time >= {from}"));
        Assert.Equal(1, await ChunksAsync("ticks_1", $"SELECT count(*) FROM trades_ticks({from}, now())"));
        Assert.Equal(1, await ChunksAsync("ticks_1", $"SELECT count(*) FROM trades_ticks('A', {from}, now())"));
        Assert.Equal(1, await ChunksAsync("bars_1_1000000000", $"SELECT count(*) FROM trades_1s WHERE bucket >= {from}"));
        Assert.Equal(1, await ChunksAsync("bars_1_1000000000", $"SELECT count(*) FROM trades_bars('A', {from}, now())"));

        // By the TTL alone: chunks that only hold what has expired are not read either.
        (store.TicksTtl, store.BarsTtl) = (TimeSpan.FromHours(1), TimeSpan.FromHours(1));
        await store.OpenAsync(Market.Spec("trades", "symbol"));
        Assert.InRange(await ChunksAsync("ticks_1", "SELECT count(*) FROM trades"), 5, 6);
        Assert.InRange(await ChunksAsync("bars_1_1000000000", "SELECT count(*) FROM trades_1s"), 5, 6);

        // Chunks in the model of a query.
        async Task<int> ChunksAsync(string table, string query)
        {
            var model = await store.TextAsync($"EXPLAIN (COSTS OFF) {query}");
            var known = (await store.QueryAsync($"SELECT chunk_name::text FROM timescaledb_information.chunks "
                + $"WHERE hypertable_name = '{table}' AND hypertable_schema = '{store.Schema}'"))
                .Select(row => (string)row[0]!).ToHashSet();
            return Scan().Matches(model).Select(m => m.Groups["chunk"].Value).Where(known.Contains).Distinct().Count();
        }
    }

    [Fact]
    public async Task Functions_take_start_and_leave_end_out_to_the_microsecond()
    {
        await using var store = NewStore();
        var series = (await store.OpenAsync(Market.Spec("trades", "symbol", "venue")))[0];
        var (empty, full) = (await store.Store.Keys.KeyAsync(series, "A", ""), await store.Store.Keys.KeyAsync(series, "A", "V"));
        foreach (var key in new[] { empty, full })
            await store.CommitAsync(series,
                [.. Enumerable.Range(0, 4).Select(i => new Tick(key, store.Start + (i * Market.Second) + 999, (uint)i, i, 1))]);
        await store.StoreBarsAsync(series);
        var start = $"to_timestamp({store.Start / Market.Second})";
        var range = $"{start} + interval '1 second', {start} + interval '3 seconds'";

        Assert.Equal("1\n2", await store.TextAsync($"SELECT close FROM trades_bars('A', '', {range}) ORDER BY bucket"));
        Assert.Equal("1\n2", await store.TextAsync($"SELECT price FROM trades_ticks('A', 'V', {range}) ORDER BY timestamp_ns"));
        Assert.Equal("1\n1\n2\n2", await store.TextAsync($"SELECT price FROM trades_ticks({range}) ORDER BY timestamp_ns"));
        Assert.Equal("", await store.TextAsync($"SELECT price FROM trades_ticks('B', 'V', {range})"));
        Assert.Equal("", await store.TextAsync($"SELECT close FROM trades_bars('A', NULL, {range})"));
        Assert.Equal($"{empty} {full} ", await store.TextAsync(
            "SELECT concat_ws(' ', trades_key('A', ''), trades_key('A', 'V'), coalesce(trades_key('A', 'W')::text, ''))"));
        Assert.Equal("4", await store.TextAsync("SELECT count(*) FROM trades WHERE symbol = 'A' AND venue = ''"));
    }

    [Fact]
    public async Task Long_values_of_dimensions_are_found_by_the_whole_value()
    {
        await using var store = NewStore();
        var series = (await store.OpenAsync(Market.Spec("trades", "symbol", "venue")))[0];
        var (a, b) = (new string('é', 500) + "a", new string('é', 500) + "b");
        var keys = new[] { await store.Store.Keys.KeyAsync(series, a, "v"), await store.Store.Keys.KeyAsync(series, b, "v") };

        Assert.Equal($"{keys[0]} {keys[1]}", await store.TextAsync($"SELECT trades_key('{a}', 'v') || ' ' || trades_key('{b}', 'v')"));
    }

    private FilledStore NewStore() => new(database, $"range_{Interlocked.Increment(ref _schemas)}");

    [GeneratedRegex(@"Scan[^\n]* on (?:_timescaledb_internal\.)?(?<chunk>_hyper_\d+_\d+_chunk)")]
    private static partial Regex Scan();
}
