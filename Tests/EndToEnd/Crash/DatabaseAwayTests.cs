using Npgsql;

namespace Tikr.Tests.EndToEnd.Crash;

/// <summary>
/// The database is away for long, in every way that it can be: streams wait and then end with UNAVAILABLE and the reason, /readyz says it
/// too, and all goes on by itself afterwards. Nothing acknowledged is lost, nothing is stored twice.
/// </summary>
public sealed class DatabaseAwayTests : DatabaseAwaySuite
{
    [Fact]
    public async Task A_silent_network()
    {
        await using var proxy = FaultProxy.Start(Database.Endpoint);
        await OutageAsync(Through(proxy), Now(() => proxy.Blackhole()), Now(proxy.Heal), "within 10 s");
    }

    [Fact]
    public async Task A_server_that_nobody_listens_for()
    {
        await using var proxy = FaultProxy.Start(Database.Endpoint);
        await OutageAsync(Through(proxy), Now(() => { proxy.Reject(); proxy.Cut(); }), Now(proxy.Heal), "refused");
    }

    [Fact]
    public async Task A_server_out_of_connections()
    {
        var role = $"away_{Guid.NewGuid():N}";
        await Database.ExecuteAsync($"CREATE ROLE {role} LOGIN PASSWORD 'away'");
        try
        {
            // Superusers have no limit; besides, the owner of a database is all that the server has to be.
            await Database.ExecuteAsync(
                $"ALTER DATABASE \"{new NpgsqlConnectionStringBuilder(Database.ConnectionString).Database}\" OWNER TO {role}");
            var to = new NpgsqlConnectionStringBuilder(Database.ConnectionString) { Username = role, Password = "away" }.ConnectionString;
            await OutageAsync(
                to,
                () => Database.ExecuteAsync($"ALTER ROLE {role} CONNECTION LIMIT 0; SELECT "
                    + $"pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{role}'"),
                () => Database.ExecuteAsync($"ALTER ROLE {role} CONNECTION LIMIT -1"),
                "out of connections");
        }
        finally
        {
            await Database.ExecuteAsync($"REASSIGN OWNED BY {role} TO CURRENT_USER; DROP OWNED BY {role}; DROP ROLE {role}");
        }
    }

    /// <summary>The error is PostgreSQL's for a full disk, from a trigger: filling one needs a disk of one's own.</summary>
    [Fact]
    public async Task A_full_disk()
    {
        await Database.ExecuteAsync("""
            CREATE FUNCTION disk_full() RETURNS trigger LANGUAGE plpgsql AS
            $$BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END$$
            """);
        await OutageAsync(
            Database.ConnectionString,
            () => Database.ExecuteAsync(
                "CREATE TRIGGER disk_full BEFORE INSERT ON tikr.manifests FOR EACH STATEMENT EXECUTE FUNCTION disk_full()"),
            () => Database.ExecuteAsync("DROP TRIGGER disk_full ON tikr.manifests"),
            "disk is full");
    }

    [Fact]
    public async Task A_server_that_holds_locks_for_long()
    {
        await using var other = new NpgsqlConnection(Database.ConnectionString);
        await other.OpenAsync(Stop);
        await OutageAsync(
            Database.ConnectionString,
            async () => await new NpgsqlCommand("BEGIN; LOCK TABLE tikr.flush_ledger, tikr.manifests IN ACCESS EXCLUSIVE MODE", other)
                .ExecuteNonQueryAsync(Stop),
            async () => await new NpgsqlCommand("ROLLBACK", other).ExecuteNonQueryAsync(Stop),
            "within 10 s");
    }
}
