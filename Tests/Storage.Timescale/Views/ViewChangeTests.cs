using Npgsql;
using Tikr.Core.Specs;
using Tikr.Storage.Timescale.Schema.Views;

namespace Tikr.Tests.Storage.Timescale.Views;

/// <summary>Views stay in step with the specs, whatever others do meanwhile; readers have their rights and no more.</summary>
public sealed class ViewChangeTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    private const string Everything = """
        SELECT string_agg(concat_ws(' ', c.relname, c.oid, c.xmin), E'\n' ORDER BY c.relname) FROM pg_class AS c
        WHERE c.relkind = 'v' AND c.relnamespace = current_schema()::regnamespace
        """;

    private static int _schemas;

    private static MetricSpec Open { get; } = new("open", "price", FieldType.Int64, "first");

    private static MetricSpec Volume { get; } = new("volume", "size", FieldType.UInt64, "sum");

    [Fact]
    public async Task Metrics_come_and_go_with_the_spec()
    {
        await using var store = NewStore();
        var spec = Market.Spec("trades", "symbol") with { Metrics = [Open] };
        await store.OpenAsync(spec);
        Assert.StartsWith("bucket symbol open tick_count", await store.ColumnsAsync("trades_1s"), StringComparison.Ordinal);
        Assert.StartsWith("time symbol price timestamp_ns", await store.ColumnsAsync("trades"), StringComparison.Ordinal);

        await store.OpenAsync(spec with { Metrics = [Volume, Open] });
        Assert.StartsWith("bucket symbol volume open tick_count", await store.ColumnsAsync("trades_1s"), StringComparison.Ordinal);
        Assert.StartsWith("time symbol size price timestamp_ns", await store.ColumnsAsync("trades"), StringComparison.Ordinal);
        Assert.Equal("0", await store.TextAsync("SELECT count(volume) FROM trades_bars('A', now(), now())"));

        // The same name for something else is another metric: its values do not mix with the old ones.
        await store.OpenAsync(spec with { Metrics = [new("open", "price", FieldType.Int64, "max")] });
        Assert.Contains("max of price",
            await store.TextAsync("SELECT col_description('trades_1s'::regclass, 3)"), StringComparison.Ordinal);
        Assert.StartsWith("bucket symbol open tick_count", await store.ColumnsAsync("trades_1s"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Granularity_that_changes_has_a_view_of_its_own_beside_the_old_one()
    {
        await using var store = NewStore();
        var spec = Market.Spec("trades", "symbol") with { Metrics = [Open] };
        await store.OpenAsync(spec);

        await store.OpenAsync(spec with { Metrics = [Open, Volume], RollupNs = 10 * Market.Second, RollupText = "10s" });

        Assert.StartsWith("bucket symbol open tick_count", await store.ColumnsAsync("trades_1s"), StringComparison.Ordinal);
        Assert.StartsWith("bucket symbol open volume tick_count", await store.ColumnsAsync("trades_10s"), StringComparison.Ordinal);
        Assert.Equal("0", await store.TextAsync("SELECT count(volume) FROM trades_bars('A', now(), now())"));
    }

    [Fact]
    public async Task Removing_repeats_may_begin_and_end()
    {
        await using var store = NewStore();
        var spec = Market.Spec("trades", "symbol");
        await store.OpenAsync(spec);
        await store.OpenAsync(spec with { Dedup = DedupPolicy.Sequence });
        Assert.Equal("0", await store.TextAsync("SELECT count(*) FROM trades_stored"));

        await store.OpenAsync(spec);
        Assert.Equal("", await store.TextAsync("SELECT to_regclass('trades_stored')"));
        Assert.Equal("0", await store.TextAsync("SELECT count(*) FROM trades"));
    }

    [Fact]
    public async Task Views_that_are_as_they_should_be_are_not_touched_and_missing_ones_come_back()
    {
        await using var store = NewStore();
        var spec = Market.Spec("trades", "symbol");
        await store.OpenAsync(spec);
        var before = await store.TextAsync(Everything);

        await store.OpenAsync(spec);
        Assert.Equal(before, await store.TextAsync(Everything));

        await database.ExecuteAsync($"DROP VIEW {store.Quoted}.trades CASCADE");
        await store.OpenAsync(spec);
        Assert.Equal("0", await store.TextAsync("SELECT count(*) FROM trades_ticks('A', now(), now())", "tikr_reader"));
    }

    [Fact]
    public async Task Silos_that_start_at_once_with_a_changed_spec_take_turns()
    {
        await using var store = NewStore();
        await store.OpenAsync(Market.Spec("trades", "symbol") with { Metrics = [Open] });
        var others = Enumerable.Range(0, 6).Select(_ => new FilledStore(database, store.Schema)).ToList();

        await Task.WhenAll(others.Select((s, i) => s.OpenAsync(
            Market.Spec("trades", "symbol") with { Metrics = i < 3 ? [Open, Volume] : [Volume, Open] })));

        Assert.Equal("0 0", await store.TextAsync("SELECT count(volume) || ' ' || count(open) FROM trades_1s"));
        foreach (var other in others)
        {
            Assert.DoesNotContain(other.Logs.Lines, line => line.StartsWith("Error", StringComparison.Ordinal));
            await other.DisposeAsync();
        }
    }

    [Fact]
    public async Task View_that_others_rest_on_stays_and_says_what_to_do()
    {
        await using var store = NewStore();
        var spec = Market.Spec("trades", "symbol") with { Metrics = [Open, Volume] };
        await store.OpenAsync(spec);
        await database.ExecuteAsync($"CREATE VIEW {store.Quoted}.mine AS SELECT symbol, open FROM {store.Quoted}.trades_1s");

        var series = (await store.OpenAsync(spec with { Metrics = [Volume] }))[0];

        var told = Assert.Single(store.Logs.Lines, line => line.StartsWith("Error 2132", StringComparison.Ordinal));
        Assert.Contains("mine", told, StringComparison.Ordinal);
        Assert.Contains("Drop what rests on them", told, StringComparison.Ordinal);
        Assert.StartsWith("bucket symbol open volume", await store.ColumnsAsync("trades_1s"), StringComparison.Ordinal);
        await store.CommitAsync(series, [new Tick(await store.Store.Keys.KeyAsync(series, "A"), store.Start, 1, 1)]);

        await database.ExecuteAsync($"DROP VIEW {store.Quoted}.mine");
        await store.OpenAsync(spec with { Metrics = [Volume] });
        Assert.StartsWith("bucket symbol volume tick_count", await store.ColumnsAsync("trades_1s"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task View_that_a_query_holds_does_not_hold_up_the_start()
    {
        await using var store = NewStore();
        var spec = Market.Spec("trades", "symbol") with { Metrics = [Open, Volume] };
        await store.OpenAsync(spec);
        await using (var connection = new NpgsqlConnection(database.ConnectionString))
        {
            await connection.OpenAsync(TestContext.Current.CancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
            await using (var query = new NpgsqlCommand($"SELECT count(*) FROM {store.Quoted}.trades",
                connection)) await query.ExecuteScalarAsync(TestContext.Current.CancellationToken);

            await store.OpenAsync(spec with { MissingField = MissingFieldPolicy.Skip });
        }

        Assert.Contains(store.Logs.Lines, line => line.StartsWith("Error 2132", StringComparison.Ordinal)
            && line.Contains("End the queries", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Readers_may_use_views_and_functions_and_nothing_else()
    {
        await using var store = NewStore();
        var series = (await store.OpenAsync(Market.Spec("trades", "symbol")))[0];
        await store.CommitAsync(series, [new Tick(await store.Store.Keys.KeyAsync(series, "A"), store.Start, 1, 1, 1)]);
        await store.StoreBarsAsync(series);

        foreach (var from in new[] { "trades", "trades_1s", "trades_bars('A', now() - interval '1 hour', now())",
            "trades_ticks('A', now() - interval '1 hour', now())", "trades_ticks(now() - interval '1 hour', now())" })
            Assert.Equal("1", await store.TextAsync($"SELECT count(*) FROM {from}", ReaderRole.Name));
        var others = await store.QueryAsync(
            $"SELECT relname::text FROM pg_class WHERE relkind IN ('r', 'p', 'S') AND relnamespace = current_schema()::regnamespace");
        Assert.True(others.Count > 10);
        foreach (var table in others)
        {
            var refused = await Assert.ThrowsAsync<PostgresException>(() => store.QueryAsync($"SELECT * FROM {table[0]}", ReaderRole.Name));
            Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
        }

        Assert.Equal("False", await store.TextAsync(
            $"SELECT has_table_privilege('{ReaderRole.Name}', 'trades_1s', 'INSERT, UPDATE, DELETE, "
                + $"TRUNCATE') OR has_schema_privilege('{ReaderRole.Name}', current_schema(), 'CREATE')"));
    }

    [Fact]
    public async Task Rights_given_to_others_survive_a_change_that_keeps_the_columns()
    {
        await using var store = NewStore();
        await store.OpenAsync(Market.Spec("trades", "symbol"));
        await database.ExecuteAsync($"GRANT SELECT ON {store.Quoted}.trades TO pg_monitor");

        await store.OpenAsync(Market.Spec("trades", "symbol") with { MissingField = MissingFieldPolicy.Skip });

        Assert.Equal("True", await store.TextAsync($"SELECT has_table_privilege('pg_monitor', '{store.Quoted}.trades', 'SELECT')"));
    }

    [Fact]
    public async Task User_who_may_not_create_roles_is_told_the_sql_to_run()
    {
        var (user, role) = ($"tikr_owner_{Guid.NewGuid():N}", $"tikr_reader_{Guid.NewGuid():N}");
        await database.ExecuteAsync($"CREATE EXTENSION IF NOT EXISTS timescaledb; CREATE ROLE {user} LOGIN PASSWORD 'a test''s'; "
            + $"GRANT ALL ON DATABASE \"{new NpgsqlConnectionStringBuilder(database.ConnectionString).Database}\" TO {user}");
        try
        {
            await using var store = new FilledStore(database, $"change_{Interlocked.Increment(ref _schemas)}")
            {
                ConnectionString = new NpgsqlConnectionStringBuilder(
                    database.ConnectionString)
                { Username = user, Password = "a test's" }.ConnectionString,
                Reader = role,
            };
            await store.OpenAsync(Market.Spec("trades", "symbol"));

            var told = Assert.Single(store.Logs.Lines, line => line.StartsWith("Information 2133", StringComparison.Ordinal));
            Assert.Equal("False", await store.TextAsync($"SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}')"));
            await database.ExecuteAsync(told[told.IndexOf("CREATE ROLE", StringComparison.Ordinal)..]);
            Assert.Equal("0", await store.TextAsync("SELECT count(*) FROM trades_bars('A', now(), now())", role));
        }
        finally
        {
            await database.ExecuteAsync($"DROP OWNED BY {user} CASCADE; DROP ROLE {user}; DROP ROLE IF EXISTS {role}");
        }
    }

    private FilledStore NewStore() => new(database, $"change_{Interlocked.Increment(ref _schemas)}");
}
