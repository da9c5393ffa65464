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
    private static readonly Lazy<Task<ServerProcess>> Process = new(static () => ServerProcess.StartAsync(own: false, [Quick]));
    private static readonly Lazy<TestDatabase> Shared = new(
        static () => Task.Run(static () => CreateDatabaseAsync("shared")).GetAwaiter().GetResult());

    /// <summary>
    /// A database of all tests of this project that keep to a schema of their own. Skips the running test where there is no server.
    /// </summary>
    public static string SharedDatabase => Shared.Value.ConnectionString;

    /// <summary>A new empty database on the server that the tests of this project share; dropped when it is disposed of.</summary>
    /// <param name="name">Beginning of its name, to recognise it by.</param>
    public static async Task<TestDatabase> CreateDatabaseAsync(string name = "test")
    {
        var database = new TestDatabase(name);
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
            throw ServersNeeded.Missed(missing.Message);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Shared.IsValueCreated) await Shared.Value.DisposeAsync().ConfigureAwait(false);
        if (Process is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
            await (await Process.Value.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>A connection to the shared server's own database.</summary>
    /// <exception cref="ServerMissingException">No way works on this machine.</exception>
    internal static async Task<string> ConnectAsync() => (await Process.Value.ConfigureAwait(false)).ConnectionString;
}
