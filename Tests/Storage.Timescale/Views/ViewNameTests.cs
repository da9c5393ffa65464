using Tikr.Core.Specs;
using Tikr.Storage.Timescale.Schema.Views;

namespace Tikr.Tests.Storage.Timescale.Views;

/// <summary>Names of views, of their columns, and what names nobody would choose do to them.</summary>
public sealed class ViewNameTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    private static int _schemas;

    [Theory]
    [InlineData(1_000_000_000, "1s")]
    [InlineData(10_000_000_000, "10s")]
    [InlineData(60_000_000_000, "1m")]
    [InlineData(90_000_000_000, "90s")]
    [InlineData(3_600_000_000_000, "1h")]
    [InlineData(86_400_000_000_000, "24h")]
    [InlineData(250_000_000, "250ms")]
    [InlineData(1_500_000, "1500us")]
    [InlineData(1_000_001, "1000001ns")]
    public void Granularity_is_named_in_the_largest_unit_that_fits(long ns, string name) => Assert.Equal(name, ViewNames.Granularity(ns));

    [Fact]
    public async Task Bars_have_dimensions_and_metrics_by_name_then_what_every_bar_has()
    {
        await using var store = NewStore();
        await store.OpenAsync(Market.Spec("trades", "symbol", "venue"));

        Assert.Equal(
            "bucket symbol venue open high low close total first_size least_size most_size last_size "
                + "volume trades tick_count first_timestamp_ns last_timestamp_ns revision bucket_ns key_id",
            await store.ColumnsAsync("trades_1s"));
        Assert.Equal("time symbol venue price size timestamp_ns sequence key_id block_time epoch flush rank",
            await store.ColumnsAsync("trades"));
        Assert.Equal(
            "bigint numeric",
            await store.TextAsync("SELECT string_agg(format_type(atttypid, null), ' ' ORDER BY attnum) FROM "
                + "pg_attribute WHERE attrelid = 'trades_1s'::regclass AND attname IN ('close', 'volume')"));
    }

    [Fact]
    public async Task Metric_that_counts_and_is_called_tick_count_is_the_number_of_ticks_itself()
    {
        await using var store = NewStore();
        await store.OpenAsync(Market.Spec("trades", "symbol") with { Metrics = [new("tick_count", null, FieldType.UInt64, "count")] });

        Assert.Equal("bucket symbol tick_count first_timestamp_ns last_timestamp_ns revision bucket_ns key_id",
            await store.ColumnsAsync("trades_1s"));
    }

    [Fact]
    public async Task Names_of_the_spec_come_before_those_of_every_view_and_dimensions_before_metrics()
    {
        var longName = new string('x', 64);
        await using var store = NewStore();
        var series = (await store.OpenAsync(Market.Spec("trades", "key_id", "hash", "start_time", longName, "price") with
        {
            Metrics = [new("bucket", "price", FieldType.Int64, "last"), new("price", "price", FieldType.Int64, "last"),
                new("tick_count", "price", FieldType.Int64, "max"), new(longName, "rank", FieldType.UInt64, "sum")],
        }))[0];
        var key = await store.Store.Keys.KeyAsync(series, "a", "b", "c", "d", "e");
        await store.CommitAsync(series, [new Tick(key, store.Start, 1, 5, 6)]);
        await store.StoreBarsAsync(series);

        Assert.Equal(
            "bucket_ key_id hash start_time d4 price bucket m2 tick_count m4 tick_count_ first_timestamp_ns "
                + "last_timestamp_ns revision bucket_ns key_id_", await store.ColumnsAsync("trades_1s"));
        Assert.Equal("time key_id hash start_time d4 price f1 rank timestamp_ns sequence key_id_ block_time epoch flush rank_",
            await store.ColumnsAsync("trades"));
        Assert.Equal("5", await store.TextAsync(
            "SELECT bucket FROM trades_bars('a', 'b', 'c', 'd', 'e', now() - interval '1 hour', end_time => now())"));
        Assert.Equal("6", await store.TextAsync(
            "SELECT rank FROM trades_ticks('a', 'b', 'c', 'd', 'e', start_time_ => now() - interval '1 hour', end_time => now())"));
        Assert.Contains(longName, await store.TextAsync("SELECT col_description('trades_1s'::regclass, 5)"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""a "quoted" name""")]
    [InlineData("it's $$ a \\ ; DROP TABLE x; -- @p :q $1 {0}")]
    [InlineData("Größe/日本語.é")]
    [InlineData("select")]
    public async Task Odd_names_work_everywhere(string odd)
    {
        await using var store = new FilledStore(database, $"{odd} {Interlocked.Increment(ref _schemas)}"[..Math.Min(odd.Length + 2, 40)]);
        var series = (await store.OpenAsync(Market.Spec(odd, odd,
            "other") with
        { Metrics = [new("m " + odd, "f " + odd, FieldType.UInt64, "last", odd, odd)], Dedup = DedupPolicy.Sequence }))[0];
        var key = await store.Store.Keys.KeyAsync(series, odd, "");
        await store.CommitAsync(series, [new Tick(key, store.Start, 1, -1)]);
        await store.StoreBarsAsync(series);
        var (column, metric, field) = (Quote(odd), Quote("m " + odd), Quote("f " + odd));

        Assert.Equal($"{odd}|18446744073709551615",
            await store.TextAsync($"SELECT {column} || '|' || {metric} FROM {Quote(odd + "_1s")} WHERE other = ''"));
        Assert.Equal("18446744073709551615", await store.TextAsync($"SELECT {field} FROM {Quote(odd)} WHERE {column} = {Literal(odd)}"));
        Assert.Equal("18446744073709551615",
            await store.TextAsync($"SELECT {metric} FROM {Quote(odd + "_bars")}({Literal(odd)}, '', now() - interval '1 hour', now())"));
        Assert.Equal("1", await store.TextAsync(
            $"SELECT count(*) FROM {Quote(odd + "_ticks")}({Literal(odd)}, '', now() - interval '1 hour', now())", "tikr_reader"));
        Assert.Contains(odd, await store.TextAsync($"SELECT obj_description({Literal($"{store.Quoted}.{Quote(odd)}")}::regclass)"),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Taken_and_long_names_give_way_to_numbered_ones_and_a_name_once_given_stays()
    {
        await using var store = NewStore();
        var longName = new string('y', 62);
        var keys = Market.Spec("keys", "symbol") with { Dimensions = [] };
        var specs = new[] { Market.Spec("state", "symbol"), Market.Spec("a", "symbol"),
            Market.Spec("a_1s", "symbol"), Market.Spec(longName, "symbol"), keys };

        await store.OpenAsync(specs);

        const string names = "SELECT string_agg(name, ' ' ORDER BY series_id, kind, "
            + "rollup_ns) FROM view_objects WHERE series_id > 0 AND kind IN ('Ticks', 'Bars')";
        var given = $"state_1s series_1 a_1s a a_1s_1s series_3 series_4_1s {longName} keys_1s keys";
        Assert.Equal(given, await store.TextAsync(names));
        Assert.Contains(store.Logs.Lines,
            line => line.StartsWith("Warning 2131: Series 'state' has series_1 in SQL: 'state' is taken", StringComparison.Ordinal));
        Assert.Equal(6, store.Logs.Lines.Count(line => line.StartsWith("Warning 2131", StringComparison.Ordinal)));

        await store.OpenAsync([specs[4], specs[2]]);
        Assert.Equal(given, await store.TextAsync(names));
    }

    [Fact]
    public async Task View_of_other_people_is_left_alone()
    {
        await using var store = NewStore();
        await database.ExecuteAsync($"CREATE SCHEMA {store.Quoted}; CREATE VIEW {store.Quoted}.trades AS SELECT "
            + $"1 AS theirs; CREATE FUNCTION {store.Quoted}.trades_bars() RETURNS int LANGUAGE sql AS 'SELECT 1'");

        await store.OpenAsync(Market.Spec("trades", "symbol"));

        Assert.Equal("theirs", await store.ColumnsAsync("trades"));
        Assert.StartsWith("time symbol", await store.ColumnsAsync("series_1"), StringComparison.Ordinal);
        Assert.Equal("0", await store.TextAsync("SELECT count(*) FROM series_1_bars('x', now(), now())"));
    }

    [Fact]
    public async Task Series_without_dimensions_has_one_key()
    {
        await using var store = NewStore();
        var series = (await store.OpenAsync(Market.Spec("load")))[0];
        await store.CommitAsync(series, [new Tick(await store.Store.Keys.KeyAsync(series), store.Start, 1, 5, 6)]);
        await store.StoreBarsAsync(series);

        Assert.Equal("5", await store.TextAsync("SELECT close FROM load_bars(now() - interval '1 hour', now())"));
        Assert.Equal("5", await store.TextAsync("SELECT price FROM load_ticks(now() - interval '1 hour', now())"));
    }

    private FilledStore NewStore() => new(database, $"names_{Interlocked.Increment(ref _schemas)}");

    private static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static string Literal(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}
