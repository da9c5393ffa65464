using Npgsql;

namespace Tikr.Tests.Storage.Timescale.Servers;

/// <summary>The servers that tests are given.</summary>
public sealed class TimescaleServerTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    [Fact]
    public async Task Database_of_a_test_class_has_the_extension_to_install()
    {
        await database.ExecuteAsync("CREATE EXTENSION IF NOT EXISTS timescaledb");

        Assert.NotNull(await database.ScalarAsync<string>("SELECT extversion FROM pg_extension WHERE extname = 'timescaledb'"));
        Assert.True(long.Parse(await database.ScalarAsync<string>("SHOW server_version_num") ?? "0", null) >= 170000);
    }

    [Fact]
    public async Task Databases_of_one_server_are_apart_and_dropped_in_the_end()
    {
        string name;
        await using (var other = await TimescaleServer.CreateDatabaseAsync("other"))
        {
            await other.ExecuteAsync("CREATE TABLE here (id int)");
            name = new NpgsqlConnectionStringBuilder(other.ConnectionString).Database!;
            Assert.False(await database.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_tables WHERE tablename = 'here')"));
            Assert.True(await database.ScalarAsync<bool>($"SELECT EXISTS (SELECT FROM pg_database WHERE datname = '{name}')"));
        }

        Assert.False(await database.ScalarAsync<bool>($"SELECT EXISTS (SELECT FROM pg_database WHERE datname = '{name}')"));
    }

    [Fact]
    public async Task Private_server_keeps_what_was_committed_when_it_is_killed()
    {
        await using var own = await TimescaleServer.StartPrivateAsync("max_connections=20");
        var at = await own.CreateDatabaseAsync("crash");
        await Sql.ExecuteAsync(at, "CREATE TABLE kept (id int)");
        await using var open = new NpgsqlConnection(at);
        await open.OpenAsync(TestContext.Current.CancellationToken);
        for (var round = 1; round <= 3; round++)
        {
            await Sql.ExecuteAsync(at, $"INSERT INTO kept VALUES ({round})");

            await own.KillAsync();
            await Assert.ThrowsAnyAsync<NpgsqlException>(() => Sql.ExecuteAsync(at + ";Pooling=false", "SELECT 1"));
            await own.RestartAsync();

            NpgsqlConnection.ClearAllPools();
            Assert.Equal(round, await Sql.ScalarAsync<long>(at, "SELECT count(*) FROM kept"));
        }

        Assert.Equal("20", await Sql.ScalarAsync<string>(at, "SHOW max_connections"));
    }

    [Fact]
    public async Task Two_private_servers_live_side_by_side()
    {
        await using var first = await TimescaleServer.StartPrivateAsync();
        await using var second = await TimescaleServer.StartPrivateAsync();

        await first.KillAsync();

        Assert.NotEqual(first.Endpoint.Port, second.Endpoint.Port);
        Assert.Equal(1, await Sql.ScalarAsync<int>(second.ConnectionString, "SELECT 1"));
    }
}
