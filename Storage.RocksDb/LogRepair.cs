using Microsoft.Extensions.Logging;

namespace Tikr.Storage.RocksDb;

/// <summary>
/// Looks through the write-ahead logs before RocksDB does. The torn end that a power loss leaves is cut and logged. Damage with readable
/// records behind it is something else: cutting there would lose acknowledged ticks in silence, so the store refuses to open, or loses
/// only the damaged records if told to.
/// </summary>
internal static class LogRepair
{
    public static void CutTornTail(string folder, bool acceptDamage, ILogger logger)
    {
        var logs = Directory.EnumerateFiles(folder, "*.log")
            .Where(path => ulong.TryParse(Path.GetFileNameWithoutExtension(path), out _))
            .OrderByDescending(
                path => ulong.Parse(Path.GetFileNameWithoutExtension(path), System.Globalization.CultureInfo.InvariantCulture));
        var readableAfter = 0L;
        foreach (var path in logs)
        {
            var log = LogFile.Check(path);
            if (log.IsDamaged)
            {
                var after = log.ReadableAfter + readableAfter;
                var torn = after == 0 || (readableAfter == 0 && log.HasHole);
                if (torn) Cut(log, logger);
                else if (acceptDamage) Log.DamagedLogAccepted(logger, path, log.GoodLength, after);
                else throw Errors.DamagedLog(path, log.GoodLength, after);
            }

            readableAfter += log.GoodLength + log.ReadableAfter;
        }
    }

    private static void Cut(LogFile log, ILogger logger)
    {
        using (var file = new FileStream(log.Path, FileMode.Open, FileAccess.Write))
        {
            file.SetLength(log.GoodLength);
            file.Flush(flushToDisk: true);
        }

        Log.TornTailCut(logger, log.Path, log.GoodLength, log.Length - log.GoodLength);
    }
}
