using Microsoft.Extensions.Logging;

namespace Tikr.Gateway;

/// <summary>The gateway's log messages; event ids 2400-2499, which stay as they are.</summary>
internal static partial class Log
{
    [LoggerMessage(2401, LogLevel.Error, "{Times} queries of {Type} failed; the last one, of series {Series}, with this error")]
    public static partial void QueryFailed(ILogger logger, Exception exception, long times, string type, string series);

    [LoggerMessage(2402, LogLevel.Warning,
        "Bars of series {Series} are stored and not published: its spec names topic {Topic}, and no output is registered")]
    public static partial void NotPublished(ILogger logger, string series, string topic);

    [LoggerMessage(2403, LogLevel.Warning, "{Times} turned away ({Reason}): {Text}")]
    public static partial void Refused(ILogger logger, long times, string reason, string text);

    [LoggerMessage(2404, LogLevel.Warning, "{Ticks} ticks of series {Series} rejected ({Reason}); the last one: {Text}")]
    public static partial void TicksRejected(ILogger logger, long ticks, string series, string reason, string text);

    [LoggerMessage(2411, LogLevel.Warning, "Commit of flush {Flush} failed; retrying: {Reason}")]
    public static partial void CommitRetried(ILogger logger, ulong flush, string reason);

    [LoggerMessage(2412, LogLevel.Error, "Flush of {Ticks} ticks failed; its streams end with an error and may be sent again: {Reason}")]
    public static partial void FlushFailed(ILogger logger, int ticks, string reason);

    [LoggerMessage(2413, LogLevel.Error, "Unexpected error in the flush lane; continuing")]
    public static partial void LaneFailed(ILogger logger, Exception exception);

    [LoggerMessage(2414, LogLevel.Warning, "Delivery of {Partials} partial bars failed; their bars will be recomputed: {Reason}")]
    public static partial void DeliveryFailed(ILogger logger, int partials, string reason);

    [LoggerMessage(2415, LogLevel.Warning, "Could not {What}; retrying later: {Reason}")]
    public static partial void MaintenanceFailed(ILogger logger, string what, string reason);

    [LoggerMessage(2419, LogLevel.Debug, "Origin of the failure that is logged next")]
    public static partial void Origin(ILogger logger, Exception exception);

    [LoggerMessage(2418, LogLevel.Warning,
        "{Ticks} ticks of series {Series} lack field {Field}, which a metric reads; stored as 0 (missing_field: zero)")]
    public static partial void ZeroFilled(ILogger logger, long ticks, string series, string field);

    [LoggerMessage(2417, LogLevel.Warning,
        "Wall clock stepped by {Seconds:+0.0;-0.0} s; open bars keep their time, later ones and all bounds go by the new time")]
    public static partial void ClockStepped(ILogger logger, double seconds);

    [LoggerMessage(2416, LogLevel.Information, "Recomputing {Buckets} buckets that no bar covers long after their close")]
    public static partial void RecomputingUncovered(ILogger logger, int buckets);
}
