using Microsoft.Extensions.Logging;

namespace Tikr.Orleans.Postgres;

/// <summary>Log messages of Orleans on PostgreSQL; event ids 7000-7099, which stay as they are.</summary>
internal static partial class Log
{
    [LoggerMessage(7001, LogLevel.Information, "Orleans tables and queries are set up in database {Database} on {Host}:{Port}")]
    public static partial void SetUp(ILogger logger, string? database, string? host, int port);

    [LoggerMessage(7002, LogLevel.Warning, "Waiting up to {Seconds} s for database {Database} on {Host}:{Port}: {Reason}")]
    public static partial void Waiting(ILogger logger, string? database, string? host, int port, double seconds, string reason);

    [LoggerMessage(7003, LogLevel.Warning, "Silo {Silo} is declared dead: its heartbeat has stood still for {Seconds:0.0} s")]
    public static partial void DeclaredDead(ILogger logger, string silo, double seconds);

    [LoggerMessage(7004, LogLevel.Warning, "Heartbeat not written to the membership table; trying again: {Reason}")]
    public static partial void HeartbeatFailed(ILogger logger, string reason);
}
