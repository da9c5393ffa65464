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
        builder.Logging.AddFilter("Tikr", quiet ? LogLevel.Warning : LogLevel.Information);
        builder.Logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
            console.ColorBehavior = LoggerColorBehavior.Default;
        });
    }
}
