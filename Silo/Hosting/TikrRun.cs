using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;
using Tikr.Orleans.Postgres;
using Tikr.Storage;
using Tikr.Streaming.Kafka;

namespace Tikr.Silo.Hosting;

internal static class TikrRun
{
    /// <summary>Runs until it is stopped.</summary>
    public static async Task<int> RunTikrAsync(this WebApplication app)
    {
        // The terminal has gone, or somebody wants a reload, which there is not: either way a stop loses nothing.
        using var hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            context.Cancel = true;
            app.Lifetime.StopApplication();
        });
        try
        {
            await app.StartAsync();
        }
        catch
        {
            // Whoever waited for a database or for the silo is interrupted by a stop, each with an exception of its own.
            var wasStopped = app.Lifetime.ApplicationStopping.IsCancellationRequested;
            await StopAfterFailureAsync(app);
            if (!wasStopped) throw;
            await Console.Out.WriteLineAsync("tikr was stopped before it was ready.");
            return 0;
        }

        await app.WaitForShutdownAsync();
        return Environment.ExitCode;
    }

    /// <summary>A failed start leaves what had started running; Orleans minds being cut off.</summary>
    private static async Task StopAfterFailureAsync(WebApplication app)
    {
        try
        {
            await app.StopAsync();
        }
        catch (Exception failure) when (failure is InvalidOperationException or AggregateException)
        {
            // A silo that failed before it was active refuses to stop; why it failed is what there is to say.
        }
    }

    /// <summary>Why a start failed, in a sentence, if it is something that the operator can mend; else null.</summary>
    public static string? ReasonOf(Exception failure) => failure switch
    {
        StoreRefusedException or StoreUnavailableException or OrleansDatabaseException or KafkaConfigurationException => failure.Message,
        OptionsValidationException options => string.Join("\n  ", options.Failures),
        IOException { InnerException: AddressInUseException } =>
            $"{failure.Message} Stop what listens there, or set server.grpc_port, server.http_port or telemetry.prometheus.port.",
        IOException or UnauthorizedAccessException => failure.Message,
        SocketException => $"cannot listen on server.bind: {failure.Message}",
        AggregateException { InnerExceptions: [var only] } => ReasonOf(only),
        _ => null,
    };
}
