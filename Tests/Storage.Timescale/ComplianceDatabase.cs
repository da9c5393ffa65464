using Tikr.Tests.Storage.Timescale;

[assembly: AssemblyFixture(typeof(ComplianceDatabase))]

namespace Tikr.Tests.Storage.Timescale;

/// <summary>
/// A database of this run's own, made when the first test wants it and dropped at the end. Each store under test has a schema in it.
/// </summary>
public sealed class ComplianceDatabase : IAsyncDisposable
{
    private static readonly TimescaleServer Server = new();
    private static readonly Lazy<TestDatabase> Database = new(
        static () => Task.Run(static () => Server.CreateDatabaseAsync("compliance")).GetAwaiter().GetResult());
    private static int _schemas;

    /// <summary>Connection string of the run's database. Skips the running test where there is no server.</summary>
    public static string ConnectionString => Database.Value.ConnectionString;

    /// <summary>A name that no other store of this run has.</summary>
    public static string NextSchema() => $"store_{Interlocked.Increment(ref _schemas)}";

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Database.IsValueCreated) await Database.Value.DisposeAsync();
        await Server.DisposeAsync();
    }
}
