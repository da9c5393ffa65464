using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging.Console;

namespace Tikr.Silo.Hosting;

internal static class TikrLogging
{
    /// <summary>One line per message; frameworks speak up only when something is wrong.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="quiet">Whether our own messages are held back too, where the terminal shows something else.</param>
    public static void AddTikrLogging(this WebApplicationBuilder builder, bool quiet)
    {
        builder.Logging.ClearProviders();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        // A failed start is reported in a sentence, see TikrRun.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        builder.Logging.AddFilter("Tikr", quiet ? LogLevel.Warning : LogLevel.Information);
        // Its first check measures from the machine's boot and warns at every start.
        builder.Logging.AddFilter("Orleans.Runtime.Watchdog", LogLevel.Error);
        builder.Logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
            console.ColorBehavior = LoggerColorBehavior.Default;
        });
        builder.Services.RemoveAll<ILoggerProvider>();
        builder.Services.AddSingleton<ILoggerProvider>(services => new PacedLoggerProvider(
            ActivatorUtilities.CreateInstance<ConsoleLoggerProvider>(services), TimeProvider.System));
    }
}
