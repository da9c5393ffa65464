using Microsoft.Extensions.Logging;

namespace Tikr.Gateway;

/// <summary>The gateway's log messages; event ids 2000-2999.</summary>
internal static partial class Log
{
    [LoggerMessage(2001, LogLevel.Error, "{Type} query of series {Series} failed")]
    public static partial void QueryFailed(ILogger logger, Exception exception, string type, string series);
}
