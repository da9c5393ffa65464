using Microsoft.Extensions.Logging;

namespace Tikr.Storage.RocksDb;

/// <summary>
/// Looks through the write-ahead logs before RocksDB does. The torn end that a crash leaves is cut and logged: a write that was not written
/// to its end, with nothing behind it. Anything else is damage, and cutting there would lose acknowledged ticks: the store refuses to open,
/// or loses only the damaged records if told to.
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
                var (good, after) = (log.Damage.GoodLength, log.Damage.ReadableAfter + readableAfter);
                if (after == 0 && !log.Damage.IsOneBitOff) Cut(log, logger);
                else if (acceptDamage) Log.DamagedLogAccepted(logger, path, good, after);
                else throw Errors.DamagedLog(path, good, after);
            }

            readableAfter += log.Damage.GoodLength + log.Damage.ReadableAfter;
        }
    }

    private static void Cut(LogFile log, ILogger logger)
    {
        using (var file = new FileStream(log.Path, FileMode.Open, FileAccess.Write))
        {
            file.SetLength(log.Damage.GoodLength);
            file.Flush(flushToDisk: true);
        }

        Log.TornTailCut(logger, log.Path, log.Damage.GoodLength, log.Length - log.Damage.GoodLength);
    }
}
