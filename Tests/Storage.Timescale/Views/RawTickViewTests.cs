using Tikr.Core.Rollup;
using Tikr.Core.Specs;

namespace Tikr.Tests.Storage.Timescale.Views;

/// <summary>Ticks unpacked by the database, compared with those that were committed and with the bars of the same ticks.</summary>
public sealed class RawTickViewTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    private const string Differences = """
        WITH raw AS (
            SELECT key_id, timestamp_ns / 1000000000 * 1000000000 AS bucket_ns,
                (array_agg(price ORDER BY timestamp_ns, sequence, epoch, flush, rank)
                    FILTER (WHERE price IS NOT NULL))[1] AS open, max(price) AS high, min(price) AS low,
                (array_agg(price ORDER BY timestamp_ns DESC, sequence DESC, epoch DESC, flush DESC, rank DESC)
                    FILTER (WHERE price IS NOT NULL))[1] AS close,
                CASE WHEN count(price) > 0 THEN greatest(least(sum(price), 9223372036854775807), -9223372036854775808) END AS total,
                (array_agg(size ORDER BY timestamp_ns, sequence, epoch, flush, rank)
                    FILTER (WHERE size IS NOT NULL))[1] AS first_size, min(size) AS least_size, max(size) AS most_size,
                (array_agg(size ORDER BY timestamp_ns DESC, sequence DESC, epoch DESC, flush DESC, rank DESC)
                    FILTER (WHERE size IS NOT NULL))[1] AS last_size,
                CASE WHEN count(size) > 0 THEN least(sum(size), 18446744073709551615) END AS volume, count(*) AS trades,
                min(timestamp_ns) AS first_timestamp_ns, max(timestamp_ns) AS last_timestamp_ns
            FROM trades GROUP BY 1, 2)
        SELECT key_id, bucket_ns, r, b FROM (
            SELECT key_id, bucket_ns, open, high, low, close, total, first_size, least_size, most_size, last_size, volume, trades,
                first_timestamp_ns, last_timestamp_ns FROM raw) AS r
        FULL JOIN (
            SELECT key_id, bucket_ns, open, high, low, close, total, first_size, least_size, most_size, last_size, volume, trades,
                first_timestamp_ns, last_timestamp_ns FROM trades_1s) AS b
        USING (key_id, bucket_ns) WHERE r::text IS DISTINCT FROM b::text
        """;

    private static int _schemas;

    [Theory]
    [InlineData(MissingFieldPolicy.Zero, false)]
    [InlineData(MissingFieldPolicy.Zero, true)]
    [InlineData(MissingFieldPolicy.Skip, false)]
    [InlineData(MissingFieldPolicy.Skip, true)]
    public async Task Ticks_and_bars_read_by_sql_are_those_stored(MissingFieldPolicy missing, bool wild)
    {
        await using var store = NewStore();
        var series = (await store.OpenAsync(Market.Spec("trades", "symbol", "venue") with { MissingField = missing }))[0];
        uint[] keys = new uint[200];
        for (var i = 0; i < keys.Length; i++) keys[i] = await store.Store.Keys.KeyAsync(series, $"S{i}", i % 3 == 0 ? "" : $"V{i % 3}");
        var sparse = missing == MissingFieldPolicy.Skip;
        for (var flush = 0; flush < 4; flush++)
        {
            await store.CommitAsync(series, Market.Random(
                flush, [.. keys.Where((_, i) => i % 2 == flush % 2)], store.Start + (flush * Market.Second), 4, wild, sparse));
            await store.CommitAsync(series, Market.Random(100 + flush, keys[..5], store.Start, 300, wild, sparse));
            await store.CommitAsync(series, Market.Random(200 + flush, keys[..9], store.Start, 15, wild: false, sparse));
        }

        await store.StoreBarsAsync(series);

        await AssertSameTicksAsync(store, series);
        Assert.Empty(await store.QueryAsync(Differences));
        Assert.True(long.Parse(await store.TextAsync("SELECT count(*) FROM trades_1s"), null) > 200);
        if (wild) Assert.Equal("18446744073709551615", await store.TextAsync("SELECT max(most_size) FROM trades_1s"));
    }

    [Fact]
    public async Task First_and_last_of_timescale_take_the_whole_order_as_a_row()
    {
        await using var store = NewStore();
        var series = (await store.OpenAsync(Market.Spec("trades", "symbol")))[0];
        var key = await store.Store.Keys.KeyAsync(series, "A");
        await store.CommitAsync(series, [new Tick(key, store.Start, 1, 5, 1), new Tick(key, store.Start, 1, 6, 1)]);
        await store.CommitAsync(series, [new Tick(key, store.Start, 1, 7, 1), new Tick(key, store.Start, 0, 4, 1)]);

        Assert.Equal(
            "4 7", await store.TextAsync("SELECT first(price, (timestamp_ns, sequence, epoch, flush, "
                + "rank)) || ' ' || last(price, (timestamp_ns, sequence, epoch, flush, rank)) FROM trades"));
    }

    [Fact]
    public async Task Series_that_removes_repeats_shows_each_tick_once_and_the_stored_ones_beside()
    {
        await using var store = NewStore();
        var series = (await store.OpenAsync(Market.Spec("trades", "symbol") with { Dedup = DedupPolicy.Sequence }))[0];
        var (a, b) = (await store.Store.Keys.KeyAsync(series, "A"), await store.Store.Keys.KeyAsync(series, "B"));
        Tick[] first = [new(a, store.Start, 1, 5, 1), new(a, store.Start + 1, 1, 6, 1), new(b, store.Start, 1, 8, 1)];
        await store.CommitAsync(series, first);
        await store.CommitAsync(series, [new(a, store.Start, 1, 50, 1), new(a, store.Start, 1, 51, 1), new(a, store.Start, 2, 7, 1)]);
        await store.CommitAsync(series, [new(b, store.Start, 0, 3, 1), new(b, store.Start, 0, 4, 1)]);
        await store.CommitAsync(series, [new(b, store.Start, 0, 4, 1)]);
        await store.StoreBarsAsync(series);

        // Without a sequence a tick repeats no other.
        Assert.Equal("5\n7\n6\n3\n4\n4\n8", await store.TextAsync(
            "SELECT price FROM trades ORDER BY symbol, timestamp_ns, sequence, epoch, flush, rank"));
        Assert.Equal("5\n7\n6", await store.TextAsync(
            "SELECT price FROM trades_ticks('A', now() - interval '1 hour', now()) ORDER BY timestamp_ns, sequence"));
        Assert.Equal("7", await store.TextAsync("SELECT count(*) FROM trades_ticks(now() - interval '1 hour', now())"));
        Assert.Equal("9", await store.TextAsync("SELECT count(*) FROM trades_stored"));
        Assert.Empty(await store.QueryAsync(Differences));
    }

    [Fact]
    public async Task Field_that_came_later_reads_as_the_policy_says_and_a_field_that_went_is_passed_by()
    {
        await using var store = NewStore();
        var spec = Market.Spec("trades", "symbol");
        var series = (await store.OpenAsync(spec))[0];
        var key = await store.Store.Keys.KeyAsync(series, "A");
        await store.CommitAsync(series, [new Tick(key, store.Start, 1, 5, 9)]);
        MetricSpec[] others = [new("fee", "fee", FieldType.Int64, "sum"), new("volume", "size", FieldType.UInt64, "sum")];

        series = (await store.OpenAsync(spec with { Metrics = [.. others] }))[0];
        await store.CommitAsync(series, [new Tick(key, store.Start + 1, 2, 3, 10)]);
        Assert.Equal("0 9\n3 10", await store.TextAsync("SELECT fee || ' ' || size FROM trades ORDER BY timestamp_ns"));

        await store.OpenAsync(spec with { Metrics = [.. others], MissingField = MissingFieldPolicy.Skip });
        Assert.Equal("- 9\n3 10",
            await store.TextAsync("SELECT coalesce(fee::text, '-') || ' ' || size FROM trades ORDER BY timestamp_ns"));
    }

    [Fact]
    public async Task Block_of_a_version_to_come_is_an_error_and_not_silence()
    {
        await using var store = NewStore();
        var series = (await store.OpenAsync(Market.Spec("trades", "symbol")))[0];
        await store.CommitAsync(series, [new Tick(await store.Store.Keys.KeyAsync(series, "A"), store.Start, 1, 5, 9)]);
        await database.ExecuteAsync($"UPDATE {store.Quoted}.ticks_1 SET block = set_byte(block, 0, 2)");

        var refused = await Assert.ThrowsAsync<Npgsql.PostgresException>(() => store.QueryAsync("SELECT * FROM trades"));

        Assert.Contains("tick block of version 2", refused.MessageText, StringComparison.Ordinal);
    }

    private FilledStore NewStore() => new(database, $"raw_{Interlocked.Increment(ref _schemas)}");

    private static async Task AssertSameTicksAsync(FilledStore store, Series series)
    {
        var absent = series.Model.TracksPresence ? (long?)null : 0;
        var expected = store.Committed(series)
            .Select(
                t => $"{t.Tick.Key} {t.Tick.Time} {t.Tick.Sequence} {t.Position.High >> 32} "
                + $"{(t.Position.High << 32) | (t.Position.Low >> 32)} {(uint)t.Position.Low} "
                + $"{t.Tick.Fields[0] ?? absent} {Unsigned(t.Tick.Fields[1] ?? absent)}")
            .Order(StringComparer.Ordinal);
        var rows = await store.QueryAsync("SELECT key_id, timestamp_ns, sequence, epoch, flush, rank, price, size FROM trades");
        Assert.Equal(expected, rows.Select(r => string.Join(' ', r)).Order(StringComparer.Ordinal));
        Assert.Equal("0", await store.TextAsync("""
            SELECT count(*) FROM trades WHERE (extract(epoch FROM time) * 1000000)::bigint <> timestamp_ns / 1000
                OR block_time > time OR block_time < time - interval '2 seconds'
            """));
    }

    private static string Unsigned(long? value) => value is { } bits ? $"{(ulong)bits}" : "";
}
