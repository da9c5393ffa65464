using Npgsql;

namespace Tikr.Tests.Support.Databases;

/// <summary>A server of one test's own, which it may kill and start again.</summary>
public sealed class PrivateServer : IAsyncDisposable
{
    private readonly ServerProcess _process;

    internal PrivateServer(ServerProcess process) => _process = process;

    /// <summary>How to connect to its database <c>postgres</c>, as superuser; the same after a restart.</summary>
    public string ConnectionString => _process.ConnectionString;

    /// <summary>Its address, for a proxy before it.</summary>
    public (string Host, int Port) Endpoint =>
        new NpgsqlConnectionStringBuilder(ConnectionString) is var to ? (to.Host!, to.Port) : default;

    /// <summary>A new empty database, and how to connect to it.</summary>
    public async Task<string> CreateDatabaseAsync(string name)
    {
        await Sql.ExecuteAsync(ConnectionString, $"CREATE DATABASE \"{name}\"").ConfigureAwait(false);
        return Sql.WithDatabase(ConnectionString, name);
    }

    /// <summary>SIGKILL for every process of the server at once, as a crash would.</summary>
    public Task KillAsync() => _process.KillAsync();

    /// <summary>Starts it again on the same data and the same port, and waits until it answers.</summary>
    public Task RestartAsync() => _process.RestartAsync();

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        using (var pool = new NpgsqlConnection(ConnectionString)) NpgsqlConnection.ClearPool(pool);
        return _process.DisposeAsync();
    }
}
