using Microsoft.Extensions.Logging;

namespace Tikr.Orleans.Postgres;

/// <summary>Log messages of Orleans on PostgreSQL; event ids 7000-7099, which stay as they are.</summary>
internal static partial class Log
{
    [LoggerMessage(7001, LogLevel.Information, "Orleans tables and queries are set up in database {Database} on {Host}:{Port}")]
    public static partial void SetUp(ILogger logger, string? database, string? host, int port);

    [LoggerMessage(7002, LogLevel.Warning, "Waiting up to {Seconds} s for database {Database} on {Host}:{Port}: {Reason}")]
    public static partial void Waiting(ILogger logger, string? database, string? host, int port, double seconds, string reason);
}
