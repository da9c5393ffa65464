using Microsoft.Extensions.Logging;

namespace Tikr.Gateway;

/// <summary>The gateway's log messages; event ids 2000-2999.</summary>
internal static partial class Log
{
    [LoggerMessage(2001, LogLevel.Error, "{Type} query of series {Series} failed")]
    public static partial void QueryFailed(ILogger logger, Exception exception, string type, string series);

    [LoggerMessage(2002, LogLevel.Warning,
        "Bars of series {Series} are stored and not published: its spec names topic {Topic}, and no output is registered")]
    public static partial void NotPublished(this ILogger logger, string series, string topic);

    [LoggerMessage(2101, LogLevel.Warning, "Commit of flush {Flush} failed and is retried")]
    public static partial void CommitRetried(this ILogger logger, ulong flush, Exception exception);

    [LoggerMessage(2102, LogLevel.Error, "A flush of {Ticks} ticks failed; its streams end with an error and may send again")]
    public static partial void FlushFailed(this ILogger logger, int ticks, Exception exception);

    [LoggerMessage(2103, LogLevel.Error, "The flush loop met an error and goes on")]
    public static partial void FlushLoopFailed(this ILogger logger, Exception exception);

    [LoggerMessage(2104, LogLevel.Warning, "Delivery of {Partials} partial bars failed; their bars will be recomputed")]
    public static partial void DeliveryFailed(this ILogger logger, int partials, Exception exception);

    [LoggerMessage(2105, LogLevel.Warning, "Could not {What}; will try again")]
    public static partial void HousekeepingFailed(this ILogger logger, string what, Exception exception);

    [LoggerMessage(2106, LogLevel.Information, "Recomputing {Buckets} buckets that no bar covers long after their close")]
    public static partial void RecomputingUncovered(this ILogger logger, int buckets);
}
