using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;
using Tikr.Storage;

namespace Tikr.Silo.Hosting;

internal static class TikrRun
{
    /// <summary>Runs until it is stopped; a start that fails for a reason that the operator can mend ends in a sentence and exit code 1.</summary>
    public static async Task<int> RunTikrAsync(this WebApplication app, TextWriter error)
    {
        try
        {
            await app.StartAsync();
        }
        catch (Exception failure) when (Reason(failure) is { } reason)
        {
            await error.WriteLineAsync($"tikr does not start: {reason}");
            return 1;
        }

        await app.WaitForShutdownAsync();
        return Environment.ExitCode;
    }

    private static string? Reason(Exception failure) => failure switch
    {
        StoreRefusedException or StoreUnavailableException => failure.Message,
        OptionsValidationException options => string.Join("\n  ", options.Failures),
        IOException { InnerException: AddressInUseException } => $"{failure.Message} Stop what listens there, or set server.grpc_port, server.http_port or telemetry.prometheus.port.",
        IOException or UnauthorizedAccessException => failure.Message,
        SocketException => $"cannot listen on server.bind: {failure.Message}",
        AggregateException { InnerExceptions: [var only] } => Reason(only),
        _ => null,
    };
}
