using System.CommandLine;

namespace Tikr.Silo.Hosting;

/// <summary>What the server is started with.</summary>
/// <param name="ConfigFile">Main configuration file; null for defaults and environment.</param>
/// <param name="Demo">Whether the server feeds itself.</param>
/// <param name="Seconds">After how long a demo ends by itself; null for never.</param>
internal sealed record SiloOptions(string? ConfigFile, bool Demo, int? Seconds);

/// <summary>The server's command line.</summary>
internal static class SiloCommand
{
    /// <summary>Parses the arguments and runs the server with them; returns its exit code.</summary>
    public static async Task<int> RunAsync(string[] args, Func<SiloOptions, Task<int>> run)
    {
        var config = new Option<string?>(
            "--config", "-c")
        { Description = "Main configuration file (YAML); without it defaults and TIKR_ environment variables" };
        var demo = new Option<bool>(
            "--demo")
        { Description = "Feed a random-walk market to this server and show its bars; data in a temporary folder" };
        var seconds = new Option<int?>("--seconds") { Description = "With --demo: end after this many seconds, with a summary" };
        seconds.Validators.Add(result =>
        {
            if (result.GetValue(seconds) is < 1) result.AddError("--seconds must be at least 1");
            else if (!result.GetValue(demo)) result.AddError("--seconds needs --demo: a server runs until it is stopped");
        });
        var root = new RootCommand("Tikr: exact one-second bars from ticks, on one node.") { config, demo, seconds };
        root.SetAction(parsed => run(new SiloOptions(parsed.GetValue(config), parsed.GetValue(demo), parsed.GetValue(seconds))));
        try
        {
            return await root.Parse(args)
                .InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (Exception failure) when (TikrRun.ReasonOf(failure) is { } reason)
        {
            await Console.Error.WriteLineAsync($"tikr does not start: {reason}");
            return 1;
        }
    }
}
