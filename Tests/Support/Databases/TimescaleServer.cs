namespace Tikr.Tests.Support.Databases;

/// <summary>
/// PostgreSQL with TimescaleDB for a test project, started when the first test asks for it. Declare it once,
/// <c>[assembly: AssemblyFixture(typeof(TimescaleServer))]</c>, and take a <see cref="TestDatabase"/> as class fixture. Where
/// there is no way to have a server the tests that ask for one are skipped and say why, or fail if TIKR_TESTS_REQUIRE_SERVERS is 1.
/// </summary>
public sealed class TimescaleServer : IAsyncDisposable
{
    // Tests kill processes, never machines: what the system's cache holds survives.
    private const string Quick = "fsync=off";
    private readonly Lazy<Task<ServerProcess>> _shared = new(() => ServerProcess.StartAsync(own: false, [Quick]));

    /// <summary>A new empty database on the server that the tests of this project share; dropped when it is disposed of.</summary>
    /// <param name="name">Beginning of its name, to recognise it by.</param>
    public async Task<TestDatabase> CreateDatabaseAsync(string name = "test")
    {
        var database = new TestDatabase(this, name);
        await database.InitializeAsync().ConfigureAwait(false);
        return database;
    }

    /// <summary>A server of one test's own, which it may kill.</summary>
    /// <param name="settings">PostgreSQL settings as NAME=VALUE, such as <c>max_connections=10</c>.</param>
    public static async Task<PrivateServer> StartPrivateAsync(params string[] settings)
    {
        try
        {
            return new PrivateServer(await ServerProcess.StartAsync(own: true, [Quick, .. settings]).ConfigureAwait(false));
        }
        catch (ServerMissingException missing)
        {
            throw ServersNeeded.Missed(missing);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_shared is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
            await (await _shared.Value.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>A connection to the shared server's own database.</summary>
    /// <exception cref="ServerMissingException">No way works on this machine.</exception>
    internal async Task<string> ConnectAsync() => (await _shared.Value.ConfigureAwait(false)).ConnectionString;
}
