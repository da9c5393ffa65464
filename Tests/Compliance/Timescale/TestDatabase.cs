using Npgsql;
using Tikr.Tests.Compliance.Timescale;

[assembly: AssemblyFixture(typeof(TestDatabase))]

namespace Tikr.Tests.Compliance.Timescale;

/// <summary>A database of this run's own, made when the first test wants it and dropped at the end. Each store under test has a schema in it.</summary>
public sealed class TestDatabase : IAsyncLifetime
{
    private const string Variable = "TIKR_TEST_TIMESCALE";
    private static readonly string Name = $"tikr_test_{Guid.NewGuid():N}";
    private static readonly Lazy<string> Created = new(Create);
    private static int _schemas;

    /// <summary>Connection string of the run's database.</summary>
    public static string ConnectionString => Created.Value;

    private static string Server => Environment.GetEnvironmentVariable(Variable)
        ?? throw new InvalidOperationException($"{Variable} is not set: give it the connection string of a PostgreSQL with TimescaleDB, such as 'Host=127.0.0.1;Username=postgres'.");

    /// <summary>A name that no other store of this run has.</summary>
    public static string NextSchema() => $"store_{Interlocked.Increment(ref _schemas)}";

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync()
    {
        if (!Created.IsValueCreated) return ValueTask.CompletedTask;
        NpgsqlConnection.ClearAllPools();
        Run($"DROP DATABASE IF EXISTS {Name} WITH (FORCE)");
        return ValueTask.CompletedTask;
    }

    private static string Create()
    {
        Run($"CREATE DATABASE {Name} ENCODING 'UTF8' TEMPLATE template0");
        return new NpgsqlConnectionStringBuilder(Server) { Database = Name }.ConnectionString;
    }

    private static void Run(string sql)
    {
        using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(Server) { Pooling = false });
        using var command = source.CreateCommand(sql);
        command.ExecuteNonQuery();
    }
}
