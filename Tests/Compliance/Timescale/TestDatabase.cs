using Npgsql;
using Tikr.Tests.Compliance.Timescale;

[assembly: AssemblyFixture(typeof(TestDatabase))]

namespace Tikr.Tests.Compliance.Timescale;

/// <summary>A database of this run's own, dropped afterwards. Each store under test has a schema in it.</summary>
public sealed class TestDatabase : IAsyncLifetime
{
    private const string Variable = "TIKR_TEST_TIMESCALE";
    private static readonly string Name = $"tikr_test_{Guid.NewGuid():N}";
    private static int _schemas;

    /// <summary>Connection string of the run's database.</summary>
    public static string ConnectionString => new NpgsqlConnectionStringBuilder(Server) { Database = Name }.ConnectionString;

    private static string Server => Environment.GetEnvironmentVariable(Variable)
        ?? throw new InvalidOperationException($"{Variable} is not set: give it the connection string of a PostgreSQL with TimescaleDB, such as 'Host=127.0.0.1;Username=postgres'.");

    /// <summary>A name that no other store of this run has.</summary>
    public static string NextSchema() => $"store_{Interlocked.Increment(ref _schemas)}";

    public async ValueTask InitializeAsync() => await RunAsync($"CREATE DATABASE {Name} ENCODING 'UTF8' TEMPLATE template0");

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        await RunAsync($"DROP DATABASE IF EXISTS {Name} WITH (FORCE)");
    }

    private static async Task RunAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(Server) { Pooling = false });
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
