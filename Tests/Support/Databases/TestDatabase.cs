using Npgsql;

namespace Tikr.Tests.Support.Databases;

/// <summary>An empty database of its own for a test class (as class fixture) or for one test.</summary>
public sealed class TestDatabase : IAsyncLifetime
{
    private readonly string _name;
    private string? _connectionString;
    private ServerMissingException? _missing;

    /// <summary>For xunit: the database of a test class.</summary>
    public TestDatabase()
        : this("test")
    {
    }

    internal TestDatabase(string name) => _name = $"{name}_{Guid.NewGuid():N}";

    /// <summary>How to connect to it, as superuser. Skips the running test where there is no server.</summary>
    public string ConnectionString =>
        _connectionString ?? throw (_missing is null
            ? new InvalidOperationException("The database is not created yet.") : ServersNeeded.Missed(_missing.Message));

    /// <summary>The address of its server, for a proxy before it.</summary>
    public (string Host, int Port) Endpoint =>
        new NpgsqlConnectionStringBuilder(ConnectionString) is var to ? (to.Host!, to.Port) : default;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        try
        {
            var server = await TimescaleServer.ConnectAsync().ConfigureAwait(false);

            // Not from template1: an image may have the extension there, whose workers then keep it in use.
            await Sql.ExecuteAsync(server, $"CREATE DATABASE \"{_name}\" TEMPLATE template0 ENCODING 'UTF8'").ConfigureAwait(false);
            _connectionString = Sql.WithDatabase(server, _name);
        }
        catch (ServerMissingException missing)
        {
            _missing = missing;
        }
    }

    /// <summary>Runs a statement in it.</summary>
    public Task ExecuteAsync(string sql) => Sql.ExecuteAsync(ConnectionString, sql);

    /// <summary>The first column of the first row of a query; default for none.</summary>
    public Task<T?> ScalarAsync<T>(string sql) => Sql.ScalarAsync<T>(ConnectionString, sql);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_connectionString is null) return;
        using (var pool = new NpgsqlConnection(_connectionString)) NpgsqlConnection.ClearPool(pool);
        var server = await TimescaleServer.ConnectAsync().ConfigureAwait(false);
        await Sql.ExecuteAsync(server, $"DROP DATABASE IF EXISTS \"{_name}\" WITH (FORCE)").ConfigureAwait(false);
        _connectionString = null;
    }
}
