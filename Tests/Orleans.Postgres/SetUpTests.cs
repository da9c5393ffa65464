using Npgsql;
using Tikr.Orleans.Postgres;
using Tikr.Orleans.Postgres.Schema;
using Tikr.Tests.Support;
using Tikr.Tests.Support.Databases;

namespace Tikr.Tests.Orleans.Postgres;

/// <summary>The set-up of tables and queries.</summary>
public sealed class SetUpTests : IAsyncLifetime
{
    private const string Everything = """
        SELECT string_agg(row, E'\n' ORDER BY row) FROM (
            SELECT concat_ws(' ', relname, relkind, oid) FROM pg_class WHERE relnamespace = current_schema()::regnamespace
            UNION ALL SELECT concat_ws(' ', querykey, xmin, querytext) FROM orleansquery) things (row)
        """;

    private TestDatabase _database = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _database = await TimescaleServer.CreateDatabaseAsync("setup");

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task Second_set_up_changes_nothing()
    {
        Assert.True(await SetUpAsync());
        var before = await _database.ScalarAsync<string>(Everything);

        Assert.False(await SetUpAsync());

        Assert.Equal(before, await _database.ScalarAsync<string>(Everything));
    }

    [Fact]
    public async Task Many_at_once_take_turns_and_one_of_them_creates()
    {
        var changed = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => SetUpAsync()));

        Assert.Single(changed, did => did);
        Assert.Equal(13, await _database.ScalarAsync<long>("SELECT count(*) FROM orleansquery"));
    }

    [Fact]
    public async Task Tables_and_queries_made_by_others_stay_as_they_are_and_what_is_missing_is_added()
    {
        // As other deployments have them: text limited, no rule of one state per grain, an old set of queries.
        await _database.ExecuteAsync("""
            CREATE TABLE OrleansQuery (QueryKey varchar(64) PRIMARY KEY, QueryText varchar(8000) NOT NULL);
            CREATE TABLE OrleansStorage (
                grainidhash integer NOT NULL, grainidn0 bigint NOT NULL, grainidn1 bigint NOT NULL,
                graintypehash integer NOT NULL, graintypestring varchar(512) NOT NULL, grainidextensionstring varchar(512),
                serviceid varchar(150) NOT NULL, payloadbinary bytea, modifiedon timestamp NOT NULL, version integer);
            INSERT INTO OrleansStorage VALUES (1, 2, 3, 4, 'kept', null, 's', 'x', now(), 5);
            INSERT INTO OrleansQuery VALUES ('WriteToStorageKey', 'their own'), ('SomethingElse', 'also theirs');
            """);
        var table = await _database.ScalarAsync<uint>("SELECT 'orleansstorage'::regclass::oid");

        await SetUpAsync();

        Assert.Equal(table, await _database.ScalarAsync<uint>("SELECT 'orleansstorage'::regclass::oid"));
        Assert.Equal("kept", await _database.ScalarAsync<string>("SELECT graintypestring FROM orleansstorage"));
        Assert.Equal("their own",
            await _database.ScalarAsync<string>("SELECT querytext FROM orleansquery WHERE querykey = 'WriteToStorageKey'"));
        Assert.Equal("also theirs",
            await _database.ScalarAsync<string>("SELECT querytext FROM orleansquery WHERE querykey = 'SomethingElse'"));
        Assert.Equal(14, await _database.ScalarAsync<long>("SELECT count(*) FROM orleansquery"));
        Assert.Equal(0, await _database.ScalarAsync<long>("SELECT count(*) FROM pg_indexes WHERE indexname = 'ux_orleansstorage_grain'"));
    }

    [Fact]
    public async Task Queries_of_an_older_version_of_ours_are_replaced()
    {
        await SetUpAsync();
        await _database.ExecuteAsync(
            "UPDATE orleansquery SET querytext = '-- tikr orleans 0\nSELECT 1' WHERE querykey = 'GatewaysQueryKey'");

        Assert.True(await SetUpAsync());

        Assert.StartsWith(OrleansDatabase.Mark, await _database.ScalarAsync<string>(
            "SELECT querytext FROM orleansquery WHERE querykey = 'GatewaysQueryKey'"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Table_that_does_not_fit_is_named_with_column_and_remedy_and_nothing_is_changed()
    {
        await _database.ExecuteAsync("CREATE TABLE orleansstorage (version text)");

        var refused = await Assert.ThrowsAsync<OrleansDatabaseException>(SetUpAsync);

        Assert.Contains("Table orleansstorage", refused.Message, StringComparison.Ordinal);
        Assert.Contains("grainidhash must be integer and is missing", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Search Path", refused.Message, StringComparison.Ordinal);
        Assert.False(await _database.ScalarAsync<bool>("SELECT to_regclass('orleansquery') IS NOT NULL"));
    }

    [Fact]
    public async Task User_who_may_not_create_is_told_so_and_can_use_what_exists()
    {
        var name = $"reader_{Guid.NewGuid():N}";
        await _database.ExecuteAsync($"CREATE ROLE {name} LOGIN PASSWORD 'hidden-word'");
        try
        {
            var asReader = new NpgsqlConnectionStringBuilder(
                _database.ConnectionString)
            { Username = name, Password = "hidden-word", Pooling = false }.ConnectionString;
            var refused = await Assert.ThrowsAsync<OrleansDatabaseException>(() => SetUpAsync(asReader));
            Assert.Contains("Grant the user CREATE", refused.Message, StringComparison.Ordinal);

            await SetUpAsync();
            await _database.ExecuteAsync($"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name}");

            Assert.False(await SetUpAsync(asReader));
            await using var silo = await PostgresSilo.StartAsync(asReader);
            await silo.Grains.GetGrain<INoteGrain>("a").WriteAsync("b");
        }
        finally
        {
            await _database.ExecuteAsync($"DROP OWNED BY {name}; DROP ROLE {name}");
        }
    }

    [Fact]
    public async Task Schema_of_its_own_is_used_when_the_search_path_names_it()
    {
        await _database.ExecuteAsync("CREATE SCHEMA silos");
        var at = new NpgsqlConnectionStringBuilder(_database.ConnectionString) { SearchPath = "silos" }.ConnectionString;

        await using var silo = await PostgresSilo.StartAsync(at);

        Assert.Equal(4, await _database.ScalarAsync<long>("SELECT count(*) FROM pg_tables WHERE schemaname = 'silos'"));
        Assert.Equal(0, await _database.ScalarAsync<long>("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"));
    }

    [Fact]
    public async Task Server_that_is_away_ends_the_start_with_the_address_and_without_the_password()
    {
        await using var proxy = FaultProxy.Start(_database.Endpoint);
        proxy.Reject();
        using var log = new LogRecorder();
        var at = Sql.Through(new NpgsqlConnectionStringBuilder(_database.ConnectionString) { Password = "hidden-word" }.ConnectionString,
            proxy.Host, proxy.Port);

        var refused = await Assert.ThrowsAsync<OrleansDatabaseException>(() => PostgresSilo.StartAsync(at, log: log));

        Assert.Contains($"{proxy.Host}:{proxy.Port}", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden-word", refused.ToString(), StringComparison.Ordinal);
        Assert.NotEmpty(log.Lines);
        Assert.DoesNotContain(log.Lines, line => line.Contains("hidden-word", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Silo_that_runs_never_logs_the_password()
    {
        using var log = new LogRecorder();
        var password = new NpgsqlConnectionStringBuilder(_database.ConnectionString).Password!;

        await using (var silo = await PostgresSilo.StartAsync(_database.ConnectionString, log: log)) await silo.Grains.GetGrain<INoteGrain>(
            "a").WriteAsync("b");

        Assert.NotEmpty(log.Lines);
        Assert.DoesNotContain(log.Lines, line => line.Contains(password, StringComparison.Ordinal));
    }

    private Task<bool> SetUpAsync() => SetUpAsync(_database.ConnectionString);

    private static async Task<bool> SetUpAsync(string connectionString)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        return await OrleansDatabase.SetUpAsync(source, Stop);
    }
}
