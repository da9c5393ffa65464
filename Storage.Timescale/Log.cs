using Microsoft.Extensions.Logging;

namespace Tikr.Storage.Timescale;

/// <summary>Log messages of the store on TimescaleDB; event ids 2100-2199, which stay as they are.</summary>
internal static partial class Log
{
    [LoggerMessage(2101, LogLevel.Error,
        "Database {Server}: {Reason} {Failures} operations have failed since this was last logged, at most once a minute")]
    public static partial void Unreachable(ILogger logger, string server, string reason, long failures);

    [LoggerMessage(2102, LogLevel.Information, "Database {Server}: writes succeed again")]
    public static partial void Reachable(ILogger logger, string server);

    [LoggerMessage(2103, LogLevel.Warning,
        "Ended {Sessions} sessions of server {Incarnation}, which is sealed: they were in the middle of writing")]
    public static partial void Ended(ILogger logger, long sessions, string incarnation);

    [LoggerMessage(2104, LogLevel.Warning,
        "Ended a session of the server at {Client}: it had been silent in the middle of a transaction while others waited for its locks")]
    public static partial void StuckEnded(ILogger logger, string client);

    [LoggerMessage(2110, LogLevel.Information,
        "Reaped in {Milliseconds} ms: ticks before {TicksCutoff:u} in {TickChunks} "
            + "chunks, bars before {BarsCutoff:u} in {BarChunks} chunks, {Keys} idle keys")]
    public static partial void Reaped(
        ILogger logger, long milliseconds, DateTimeOffset ticksCutoff, int tickChunks, DateTimeOffset barsCutoff, int barChunks, int keys);

    [LoggerMessage(2114, LogLevel.Warning,
        "Ticks are over storage.ticks.max_size_gb ({Bytes} of {Limit} bytes): evicted those before {Cutoff:u}")]
    public static partial void TicksEvicted(ILogger logger, long bytes, long limit, DateTimeOffset cutoff);

    [LoggerMessage(2115, LogLevel.Error, "Ingest is blocked: {Reason}")]
    public static partial void IngestBlocked(ILogger logger, string reason);

    [LoggerMessage(2116, LogLevel.Information, "Ingest is no longer blocked: ticks take {Bytes} of {Limit} bytes")]
    public static partial void IngestUnblocked(ILogger logger, long bytes, long limit);

    [LoggerMessage(2117, LogLevel.Warning,
        "Bars are over storage.rollup.max_size_gb ({Bytes} of {Limit} bytes): evicted those before {Cutoff:u}")]
    public static partial void BarsEvicted(ILogger logger, long bytes, long limit, DateTimeOffset cutoff);

    [LoggerMessage(2118, LogLevel.Warning,
        "The ticks of {Pairs} (key, bucket) pairs that no bar covers were deleted with all before {Cutoff:u}; those buckets get no bar")]
    public static partial void PairsGivenUp(ILogger logger, int pairs, DateTimeOffset cutoff);

    [LoggerMessage(2123, LogLevel.Debug,
        "Chunks were dropped: ticks are complete from {CompleteFrom:u} on, bars before {BarsCutoff:u} are gone")]
    public static partial void ChunksGone(ILogger logger, DateTimeOffset completeFrom, DateTimeOffset barsCutoff);

    [LoggerMessage(2119, LogLevel.Debug, "Dropping chunks of {Table} met a deadlock in attempt {Attempt}; retrying")]
    public static partial void DeadlockRetried(ILogger logger, string table, int attempt);

    [LoggerMessage(2120, LogLevel.Error,
        "Upkeep of the database failed, {Times} times since this was last logged, at most once a minute; "
            + "retrying in the next round: {Reason}")]
    public static partial void UpkeepFailed(ILogger logger, long times, string reason, Exception? exception);

    [LoggerMessage(2121, LogLevel.Warning,
        "Bars are not compressed: TimescaleDB runs under the licence '{Licence}', which has no compression; the community edition has it")]
    public static partial void NoCompression(ILogger logger, string licence);

    [LoggerMessage(2122, LogLevel.Warning, "{Chunks} chunks are long expired and the database's "
        + "retention policies have not dropped them; {Reason}. They are dropped from here")]
    public static partial void PoliciesIdle(ILogger logger, long chunks, string reason);

    [LoggerMessage(2130, LogLevel.Information, "Views of series '{Series}' are up to date: {Views}")]
    public static partial void ViewsCreated(ILogger logger, string series, string views);

    [LoggerMessage(2131, LogLevel.Warning,
        "Series '{Series}' has {Name} in SQL: '{Wanted}' is taken in schema '{Schema}' or "
            + "longer than 63 bytes. Rename the series or what has the name to change that")]
    public static partial void ViewNamedOtherwise(ILogger logger, string series, string name, string wanted, string schema);

    [LoggerMessage(2132, LogLevel.Error,
        "Views of series '{Series}' stay as they were, since the database refused to change "
            + "them: {Reason} Ingest and bars are not affected. {Remedy}, then restart")]
    public static partial void ViewsNotChanged(ILogger logger, string series, string reason, string remedy);

    [LoggerMessage(2133, LogLevel.Information,
        "Role {Role} does not exist and this user may not create it. To let people read the views, run as a user who may: {Sql}")]
    public static partial void NoReaderRole(ILogger logger, string role, string sql);

    [LoggerMessage(2134, LogLevel.Warning,
        "Role {Role} could not be given its rights on schema '{Schema}': {Reason} Run as the owner of the schema: {Sql}")]
    public static partial void ReaderNotGranted(ILogger logger, string role, string schema, string reason, string sql);
}
