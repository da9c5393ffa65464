using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace Tikr.Tests.Support.Processes;

/// <summary>A started program with its output.</summary>
public sealed partial class ProgramProcess : IDisposable
{
    private const int Sighup = 1, Sigint = 2, Sigterm = 15, Sigkill = 9, Sigstop = 19, Sigcont = 18;
    private readonly Process _process;
    private readonly StringBuilder _output = new();

    private ProgramProcess(Process process) => _process = process;

    /// <summary>Process id.</summary>
    public int Id => _process.Id;

    /// <summary>Whether it has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>How it ended.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>What it has written so far, output and errors together.</summary>
    public string Output
    {
        get
        {
            lock (_output) return _output.ToString();
        }
    }

    /// <summary>Resident memory now, in MB.</summary>
    public double ResidentMegabytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64 / 1048576.0;
        }
    }

    /// <summary>Starts a program.</summary>
    /// <param name="file">What to run.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">Variables on top of this process's.</param>
    /// <param name="logFile">Where its output goes as well; null for nowhere.</param>
    public static ProgramProcess Start(
        string file, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, string? logFile = null)
    {
        // A shell in the background ignores Ctrl+C, and what it starts inherits that.
        var info = new ProcessStartInfo("env", ["--default-signal=INT", file, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Repository.Root,
        };
        // The server refuses variables with its prefix that it does not know, and those of the tests are none of its settings.
        foreach (var name in info.Environment.Keys.Where(name => name.StartsWith("TIKR_", StringComparison.Ordinal)).ToList())
            info.Environment.Remove(name);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) info.Environment[name] = value;
        var process = new Process { StartInfo = info };
        var program = new ProgramProcess(process);
        process.OutputDataReceived += (_, line) => program.Append(line.Data, logFile);
        process.ErrorDataReceived += (_, line) => program.Append(line.Data, logFile);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return program;
    }

    /// <summary>Ends it at once, as a power switch would: SIGKILL.</summary>
    public async Task KillAsync()
    {
        Signal(Sigkill);
        await _process.WaitForExitAsync().ConfigureAwait(false);
    }

    /// <summary>Asks it to end: SIGTERM.</summary>
    public void Terminate() => Signal(Sigterm);

    /// <summary>As a terminal does on Ctrl+C: SIGINT.</summary>
    public void Interrupt() => Signal(Sigint);

    /// <summary>As a terminal does that closes: SIGHUP.</summary>
    public void HangUp() => Signal(Sighup);

    /// <summary>It hangs from now on, with all its connections open: SIGSTOP.</summary>
    public void Suspend() => Signal(Sigstop);

    /// <summary>It goes on as if no time had passed: SIGCONT.</summary>
    public void Resume() => Signal(Sigcont);

    /// <summary>Waits for its end.</summary>
    /// <exception cref="TimeoutException">It is still running.</exception>
    public async Task<int> WaitForExitAsync(TimeSpan timeout)
    {
        using var limit = new CancellationTokenSource(timeout);
        try
        {
            await _process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"Process {Id} is still running after {timeout.TotalSeconds} s.\n{Output}");
        }

        return _process.ExitCode;
    }

    /// <summary>Ends it if it still runs.</summary>
    public void Dispose()
    {
        if (!_process.HasExited)
        {
            Signal(Sigkill);
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    private void Append(string? line, string? logFile)
    {
        if (line is null) return;
        lock (_output)
        {
            _output.AppendLine(line);
            if (logFile is not null) File.AppendAllText(logFile, line + "\n");
        }
    }

    private void Signal(int signal)
    {
        if (!_process.HasExited) _ = Kill(_process.Id, signal);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);
}
