using Microsoft.Extensions.Logging;

namespace Tikr.Grains;

/// <summary>Log messages of the grains; event ids 2500-2599, which stay as they are.</summary>
internal static partial class Log
{
    [LoggerMessage(2500, LogLevel.Warning, "{Bars} bars could not be written and stay open until a retry succeeds: {Reason} "
        + "{Failures} group commits have failed since this was last logged, at most once a minute")]
    public static partial void BarWritesFail(ILogger logger, int bars, string reason, long failures);

    [LoggerMessage(2505, LogLevel.Error, "Unexpected error writing bars: {Bars} stay open until a retry succeeds; "
        + "{Failures} group commits have failed since this was last logged, at most once a minute")]
    public static partial void BarWriteFailed(ILogger logger, int bars, long failures, Exception error);

    [LoggerMessage(2501, LogLevel.Warning, "Recomputing bars of series {Series} failed; they stay open until a retry succeeds: {Reason}")]
    public static partial void RecomputeFailed(ILogger logger, string series, string reason);

    [LoggerMessage(2502, LogLevel.Warning, "{Partials} partials have not reached their grain since this was last logged, at most once a "
        + "minute; their bars are recomputed from stored ticks: {Reason}")]
    public static partial void DeliveriesLost(ILogger logger, long partials, string reason);

    [LoggerMessage(2503, LogLevel.Error,
        "A grain failed on the answer of the store; its bucket stays uncovered and is recomputed by the sweep")]
    public static partial void AnswerNotTaken(ILogger logger, Exception error);

    [LoggerMessage(2504, LogLevel.Error, "Bar listener {Listener} failed {Failures} times since this was last logged, "
        + "at most once a minute; the bars are stored and the other listeners know of them")]
    public static partial void ListenerFailed(ILogger logger, string listener, long failures, Exception error);

    [LoggerMessage(2506, LogLevel.Debug, "Origin of the failure that is logged next")]
    public static partial void Origin(ILogger logger, Exception error);

    [LoggerMessage(2510, LogLevel.Information,
        "Recovery: {Manifests} flushes of earlier epochs were not covered; {Closed} bars recomputed, {Open} not due yet, {Failed} failed")]
    public static partial void Recovered(ILogger logger, int manifests, int closed, int open, int failed);

    [LoggerMessage(2511, LogLevel.Warning,
        "Stored ticks of series number {SeriesId} have no bar yet, and the series "
            + "is not configured; its bars are made when its spec is back before its ticks are deleted")]
    public static partial void SeriesNotConfigured(ILogger logger, ushort seriesId);

    [LoggerMessage(2512, LogLevel.Warning, "Recovery sweep failed; next run in {Seconds} s: {Reason}")]
    public static partial void SweepFailed(ILogger logger, double seconds, string reason);

    [LoggerMessage(2513, LogLevel.Warning,
        "{Pairs} buckets lost ticks to expiry or eviction before their bar was stored and get none; "
            + "longer TTLs or shorter down times avoid this")]
    public static partial void BucketsIncomplete(ILogger logger, int pairs);

    [LoggerMessage(2514, LogLevel.Warning,
        "{Ticks} ticks of series {Series} have timestamp and sequence of another tick of their key, and other content; bars leave them "
            + "out (dedup: sequence)")]
    public static partial void SequenceConflicts(ILogger logger, long ticks, string series);

    [LoggerMessage(2515, LogLevel.Warning, "{Sums} sums in stored bars of series {Series} were outside their type (overflow: {Policy})")]
    public static partial void SumsOverflowed(ILogger logger, long sums, string series, string policy);

    [LoggerMessage(2520, LogLevel.Information,
        "The spec of series {Series} makes other bars of its stored ticks than before: they are made again in the background")]
    public static partial void RebuildBegun(ILogger logger, string series);

    [LoggerMessage(2521, LogLevel.Information, "Bars of series {Series} are made again as its spec says: {Bars} since the start")]
    public static partial void RebuildDone(ILogger logger, string series, long bars);

    [LoggerMessage(2522, LogLevel.Warning, "Making bars of series {Series} again failed {Failures} times since this was last logged, "
        + "at most once a minute; it is tried every {Seconds} s, and the other series go on")]
    public static partial void RebuildFailed(ILogger logger, string series, long failures, double seconds, Exception error);

    [LoggerMessage(2523, LogLevel.Error, "Silo {Silo} with series grains has joined the cluster, and {Store} belongs to one silo: this one "
        + "stops before either makes bars of ticks that it does not have. Use the store on TimescaleDB, or keep to one silo")]
    public static partial void StoreNotShared(ILogger logger, string silo, string store);

    [LoggerMessage(2530, LogLevel.Warning,
        "Silo {Silo} does not take deliveries: {Reason} They are sent again until it does or is declared dead; keys of other silos go on")]
    public static partial void ExchangeFailed(ILogger logger, SiloAddress silo, string reason);

    [LoggerMessage(2531, LogLevel.Information, "Silo {Silo} takes deliveries again, at attempt {Attempts}")]
    public static partial void ExchangeAnswered(ILogger logger, SiloAddress silo, int attempts);

    [LoggerMessage(2532, LogLevel.Information, "Keys are divided among {Silos} silos: {Members}")]
    public static partial void Divided(ILogger logger, int silos, string members);

    [LoggerMessage(2533, LogLevel.Warning, "Looking up which silos take part failed {Failures} times since this was last logged, at most "
        + "once a minute; it is tried every {Seconds} s: {Reason}")]
    public static partial void WatchFailed(ILogger logger, long failures, double seconds, string reason);

    [LoggerMessage(2534, LogLevel.Warning,
        "Silo {Incarnation} is dead: nothing that it still writes is taken, and the bars of what it had committed are made by others")]
    public static partial void Sealed(ILogger logger, string incarnation);
}
