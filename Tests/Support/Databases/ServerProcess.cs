using System.Diagnostics;
using System.Text;

namespace Tikr.Tests.Support.Databases;

/// <summary>
/// One server held by scripts/timescale.sh, which is told what to do by lines on its input and takes the server down when
/// that input ends: also when this process is killed.
/// </summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private const int NoWayExitCode = 3;
    // The first start on a machine downloads packages or an image.
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(10), AnswerTimeout = TimeSpan.FromMinutes(2);
    private readonly Process _process;
    private readonly StringBuilder _errors = new();
    private readonly SemaphoreSlim _turn = new(1, 1);

    private ServerProcess(Process process) => _process = process;

    /// <summary>How to connect to it.</summary>
    public string ConnectionString { get; private set; } = "";

    /// <summary>Starts a server with PostgreSQL settings of its own (NAME=VALUE).</summary>
    /// <exception cref="ServerMissingException">No way works on this machine.</exception>
    public static async Task<ServerProcess> StartAsync(bool own, IEnumerable<string> settings)
    {
        string[] arguments = [Path.Combine(Repository.Root, "scripts", "timescale.sh"), "serve", .. own
            ? new[] { "--own" } : [], .. settings.SelectMany(setting => new[] { "-c", setting })];
        var info = new ProcessStartInfo("bash", arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true
        };
        var server = new ServerProcess(new Process { StartInfo = info });
        server._process.ErrorDataReceived += (_, line) => server.Append(line.Data);
        server._process.Start();
        server._process.BeginErrorReadLine();
        try
        {
            server.ConnectionString = await server.ReadAsync("ready", StartTimeout).ConfigureAwait(false);
            return server;
        }
        catch
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>SIGKILL for every process of the server.</summary>
    public Task KillAsync() => AskAsync("kill", "killed");

    /// <summary>Starts it again on the same data and the same port, and waits until it answers.</summary>
    public Task RestartAsync() => AskAsync("start", "ready");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync().ConfigureAwait(false);
        _process.Dispose();
        _turn.Dispose();
    }

    private async Task AskAsync(string command, string answer)
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            await _process.StandardInput.WriteLineAsync(command).ConfigureAwait(false);
            await _process.StandardInput.FlushAsync().ConfigureAwait(false);
            await ReadAsync(answer, AnswerTimeout).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Reads the answer that is expected next, and what follows its first word.</summary>
    private async Task<string> ReadAsync(string expected, TimeSpan timeout)
    {
        using var limit = new CancellationTokenSource(timeout);
        var line = await _process.StandardOutput.ReadLineAsync(limit.Token).ConfigureAwait(false);
        if (line is not null && line.Split(' ', 2) is [var word, .. var rest] && word == expected) return rest is [var text] ? text : "";
        if (line is null)
        {
            await _process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
            if (_process.ExitCode == NoWayExitCode) throw new ServerMissingException(Errors());
        }

        throw new InvalidOperationException(
            $"scripts/timescale.sh: expected '{expected}', got '{line ?? $"exit code {_process.ExitCode}"}'\n{Errors()}");
    }

    private void Append(string? line)
    {
        lock (_errors) _errors.AppendLine(line);
    }

    private string Errors()
    {
        lock (_errors) return _errors.ToString().Trim();
    }
}
