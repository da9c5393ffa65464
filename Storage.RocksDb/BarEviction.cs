using Microsoft.Extensions.Logging;
using Tikr.Core.Time;

namespace Tikr.Storage.RocksDb;

/// <summary>
/// Gives back the space of deleted bars, and keeps bars under their size limit. Deleted bars lie between live ones of every key, so only
/// rewriting the files frees them: done when about a fifth is dead, which keeps the cost at a few times the rate of new bars.
/// </summary>
internal sealed class BarEviction(RocksDbDatabase database, BarRetention retention, BarReaper reaper, ILogger logger)
{
    private const double DeadPart = 0.2, Target = 0.95, SmallestStep = 0.05, LargestStep = 0.5;

    private static readonly byte[] First = [], Last = [.. Enumerable.Repeat((byte)0xff, BarKey.Length)];

    private bool _hasDead = true;

    /// <summary>Bytes of bars in memory and in files, deleted ones included until <see cref="Compact"/>.</summary>
    public long Bytes => database.ApproximateBytes(Family.Bars, First, Last);

    /// <summary>Notes a deletion; compacts when enough has been deleted since the last time.</summary>
    public void Deleted(int ranges)
    {
        if (ranges == 0) return;
        _hasDead = true;
        var compactedTo = (long)database.GetNumber(MetaKeys.BarsCompacted);
        if (retention.Cutoff - compactedTo >= (long)(database.Options.BarsTtl.ToNanoseconds() * DeadPart)) Compact();
    }

    /// <summary>Checks the size and evicts the oldest bars over the limit.</summary>
    public void Run(CancellationToken cancellation)
    {
        var limit = database.Options.BarsMaxBytes;
        if (limit == 0) return;
        var bytes = Bytes;
        if (bytes > limit && _hasDead)
        {
            Compact();
            bytes = Bytes;
        }

        var now = database.Time.GetUnixNanoseconds();
        while (bytes > limit && reaper.OldestBucket(cancellation) is { } oldest && oldest < now)
        {
            var step = Math.Clamp(1 - (Target * limit / bytes), SmallestStep, LargestStep);
            var cutoff = Math.Min(now, oldest + Math.Max(1, (long)((now - oldest) * step)));
            reaper.DeleteBelow(cutoff, cancellation);
            Log.BarsEvicted(logger, bytes, limit, UnixTime.ToTime(cutoff));
            Compact();
            bytes = Bytes;
        }
    }

    private void Compact()
    {
        database.PutNumberSynced(MetaKeys.BarsCompacted, (ulong)retention.Cutoff);
        database.FlushMemory(Family.Bars);
        database.Compact(Family.Bars);
        _hasDead = false;
    }
}
