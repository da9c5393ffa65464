using Microsoft.Extensions.Logging;

namespace Tikr.Storage.RocksDb;

/// <summary>Log messages of the embedded store; event ids 2200-2299, which stay as they are.</summary>
internal static partial class Log
{
    [LoggerMessage(2201, LogLevel.Error,
        "{Reason} {Writes} writes of the store in {Folder} have failed since this was last logged, at most once a minute")]
    public static partial void WritesFail(ILogger logger, string reason, long writes, string folder);

    [LoggerMessage(2202, LogLevel.Warning, "Store {Folder}: reopened after an I/O error")]
    public static partial void Reopened(ILogger logger, string folder);

    [LoggerMessage(2204, LogLevel.Warning,
        "Write-ahead log {File} ends in a torn record, as a power loss leaves it: "
            + "cut {Bytes} bytes at offset {Offset}, last readable record kept")]
    public static partial void TornTailCut(ILogger logger, string file, long offset, long bytes);

    [LoggerMessage(2205, LogLevel.Error,
        "Write-ahead log {File} is damaged at offset {Offset}; opened as AcceptDamagedLog "
            + "asks: the damaged records are lost, {After} readable bytes after them are kept. Turn it off again")]
    public static partial void DamagedLogAccepted(ILogger logger, string file, long offset, long after);

    [LoggerMessage(2206, LogLevel.Information, "Store {Folder}: writes succeed again")]
    public static partial void WritesAgain(ILogger logger, string folder);

    [LoggerMessage(2207, LogLevel.Warning, "Store {Folder}: no write has been done for {Seconds:0} s while some wait")]
    public static partial void WritesStall(ILogger logger, string folder, double seconds);

    [LoggerMessage(2210, LogLevel.Information,
        "Reaped in {Milliseconds} ms: ticks before {TicksCutoff:u} in {TickRanges} "
            + "ranges, bars before {BarsCutoff:u} in {BarRanges} ranges, {Keys} idle keys")]
    public static partial void Reaped(
        ILogger logger, long milliseconds, DateTimeOffset ticksCutoff, int tickRanges, DateTimeOffset barsCutoff, int barRanges, int keys);

    [LoggerMessage(2214, LogLevel.Warning,
        "Ticks are over storage.ticks.max_size_gb ({Bytes} of {Limit} bytes): evicted those before {Cutoff:u}")]
    public static partial void TicksEvicted(ILogger logger, long bytes, long limit, DateTimeOffset cutoff);

    [LoggerMessage(2218, LogLevel.Warning,
        "The ticks of {Pairs} (key, bucket) pairs that no bar covers were deleted with all before {Cutoff:u}; those buckets get no bar")]
    public static partial void PairsGivenUp(ILogger logger, int pairs, DateTimeOffset cutoff);

    [LoggerMessage(2215, LogLevel.Error, "Ingest is blocked: {Reason}")]
    public static partial void IngestBlocked(ILogger logger, string reason);

    [LoggerMessage(2216, LogLevel.Information, "Ingest is no longer blocked: ticks take {Bytes} of {Limit} bytes")]
    public static partial void IngestUnblocked(ILogger logger, long bytes, long limit);

    [LoggerMessage(2217, LogLevel.Warning,
        "Bars are over storage.rollup.max_size_gb ({Bytes} of {Limit} bytes): evicted those before {Cutoff:u}")]
    public static partial void BarsEvicted(ILogger logger, long bytes, long limit, DateTimeOffset cutoff);
}
