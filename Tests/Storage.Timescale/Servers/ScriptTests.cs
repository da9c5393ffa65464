using System.Diagnostics;
using Npgsql;
using Tikr.Tests.Support;

namespace Tikr.Tests.Storage.Timescale.Servers;

/// <summary>scripts/timescale.sh as people and other programs use it.</summary>
public sealed class ScriptTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly string Script = Path.Combine(Repository.Root, "scripts", "timescale.sh");

    [Fact]
    public async Task Killed_owner_of_a_server_takes_the_server_with_it()
    {
        _ = database.ConnectionString;
        using var owner = Process.Start(
            new ProcessStartInfo("bash", ["-c", $"sleep 300 | '{Script}' serve --own"]) { RedirectStandardOutput = true })!;
        var at = (await owner.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken))!["ready ".Length..] + ";Pooling=false";
        Assert.Equal(1, await Sql.ScalarAsync<int>(at, "SELECT 1"));
        var supervisor = Processes.ChildrenOf(owner.Id).Single(child => child.Command.Contains("timescale.sh", StringComparison.Ordinal));

        Process.GetProcessById(supervisor.Id).Kill();

        await Eventually.HoldsAsync("the server is gone", Patience, async () =>
        {
            try
            {
                await Sql.ExecuteAsync(at, "SELECT 1");
                return "it answers";
            }
            catch (NpgsqlException)
            {
                return null;
            }
        });
        owner.Kill(entireProcessTree: true);
    }

    [Fact]
    public async Task Run_gives_a_command_a_server_and_answers_with_its_exit_code()
    {
        _ = database.ConnectionString;

        var (code, output, _) = await RunAsync([], "run", "--", "bash", "-c", "echo \"$TIKR_TEST_TIMESCALE\"; exit 7");

        Assert.Equal(7, code);
        Assert.StartsWith("Host=", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_any_way_the_reasons_are_named()
    {
        var (code, output, errors) = await RunAsync(
            [("TIKR_TEST_TIMESCALE", ""), ("TIKR_TEST_TIMESCALE_WAY", "docker"), ("DOCKER_HOST", "tcp://127.0.0.1:1")], "serve");

        Assert.Equal(3, code);
        Assert.Empty(output);
        Assert.Contains("docker: ", errors, StringComparison.Ordinal);
        Assert.Contains("given: TIKR_TEST_TIMESCALE names no server", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("serve --bogus", "unknown option --bogus")]
    [InlineData("run", "COMMAND")]
    public async Task Wrong_use_is_refused_with_the_reason(string arguments, string reason)
    {
        var (code, _, errors) = await RunAsync([], arguments.Split(' '));

        Assert.NotEqual(0, code);
        Assert.Contains(reason, errors, StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Output,
        string Errors)> RunAsync((string Name, string Value)[] environment, params string[] arguments)
    {
        var info = new ProcessStartInfo(
            "bash", [Script, .. arguments])
        { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment) info.Environment[name] = value;
        using var process = Process.Start(info)!;
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output, await errors);
    }
}
