using System.CommandLine;
using Grpc.Core;
using Tikr.Cli.Query;
using Tikr.Cli.Replay;

namespace Tikr.Cli;

/// <summary>The tikr command: its sub-commands, and how their failures reach the user.</summary>
internal static class TikrCommand
{
    /// <summary>Runs a command line; returns its exit code: 0 only if everything asked for was done.</summary>
    public static async Task<int> RunAsync(string[] args, Terminal terminal, TimeProvider time, CancellationToken cancellation = default)
    {
        var root = new RootCommand("Talks to a Tikr server: replays CSV files into it, asks it for ticks and bars.")
        {
            ReplayCommand.Create(terminal, time),
            BarsCommand.Create(terminal, time),
            TicksCommand.Create(terminal, time),
            InfoCommand.Create(terminal),
        };
        var settings = new InvocationConfiguration { Output = terminal.Out, Error = terminal.Error, EnableDefaultExceptionHandler = false };
        try
        {
            return await root.Parse(args).InvokeAsync(settings, cancellation);
        }
        catch (CliException problem)
        {
            await terminal.Error.WriteLineAsync($"tikr: {problem.Message}");
        }
        catch (RpcException refused)
        {
            await terminal.Error.WriteLineAsync($"tikr: the server answered {refused.StatusCode}: {refused.Status.Detail}");
        }
        catch (OperationCanceledException)
        {
            await terminal.Error.WriteLineAsync("tikr: cancelled");
        }

        return 1;
    }
}
