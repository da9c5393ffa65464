using System.CommandLine;
using Tikr.Contracts;

namespace Tikr.Cli.Query;

/// <summary>tikr info: version, uptime and series of a server.</summary>
internal static class InfoCommand
{
    public static Command Create(Terminal terminal)
    {
        var address = Server.AddressOption();
        var command = new Command("info", "Shows version, uptime and series of a server.") { address };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var server = Server.At(parsed.GetRequiredValue(address));
            var info = await server.AskAsync(() => server.Client.GetInfoAsync(new Empty(), cancellationToken: cancellation));
            await terminal.Out.WriteLineAsync($"tikr {info.Version}, up {TimeSpan.FromSeconds(info.UptimeSeconds):c}");
            foreach (var series in info.Series)
                await terminal.Out.WriteLineAsync(
                    $"  {series.Name} per {series.Rollup}: by {string.Join(", ", series.Dimensions)}; {string.Join(", ", series.Metrics)}");
            return 0;
        });
        return command;
    }
}
