namespace Tikr.Silo;

/// <summary>Log messages of the server itself; event ids 2600-2699, which stay as they are.</summary>
internal static partial class Log
{
    [LoggerMessage(2601, LogLevel.Error, "The silo cannot go on; the server stops with exit code {ExitCode} to be started anew: {Reason}")]
    public static partial void SiloFailed(ILogger logger, Exception? exception, int exitCode, string reason);
}
