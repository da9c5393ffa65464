using Microsoft.Extensions.Logging;
using Tikr.Core.Time;

namespace Tikr.Storage.RocksDb;

/// <summary>
/// Keeps ticks under their size limit: deletes the oldest slices, never one that holds ticks of an unretired manifest, of a configured
/// series. If those alone are over the limit, ingest is blocked until bars cover them.
/// </summary>
internal sealed class TickEviction(RocksDbDatabase database, TickRetention retention, ManifestLog manifests, ILogger logger)
{
    /// <summary>Evicting goes this far below the limit, so that it does not happen at every check.</summary>
    private const double Target = 0.95;

    /// <summary>Bytes of ticks that are not deleted, in memory and in files.</summary>
    public long LiveBytes =>
        database.ApproximateBytes(Family.Ticks, TickKey.SlicePrefix(retention.Watermark), TickKey.SlicePrefix(uint.MaxValue));

    /// <summary>Checks the size and evicts what is over the limit.</summary>
    public void Run()
    {
        var limit = database.Options.TicksMaxBytes;
        if (limit == 0) return;
        lock (retention.Gate)
        {
            var bytes = LiveBytes;
            var uncovered = bytes > limit ? manifests.Uncovered : null;
            if (uncovered is not null && Evict(bytes, limit, uncovered)) bytes = LiveBytes;
            var reason = bytes > limit ? uncovered?.Blocking(bytes, limit) : null;
            if (reason is not null && retention.BlockedReason is null) Log.IngestBlocked(logger, reason);
            if (reason is null && retention.BlockedReason is not null) Log.IngestUnblocked(logger, bytes, limit);
            retention.BlockedReason = reason;
        }
    }

    private bool Evict(long bytes, long limit, UncoveredSeries uncovered)
    {
        var highest = HighestEvictable(uncovered);
        var lowest = FirstWindow();
        if (lowest is null || lowest >= highest) return false;
        var target = (long)(limit * Target);
        var (low, high) = (lowest.Value, highest);
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            var left = database.ApproximateBytes(Family.Ticks, TickKey.SlicePrefix(middle), TickKey.SlicePrefix(uint.MaxValue));
            if (left <= target) high = middle;
            else low = middle + 1;
        }

        var cutoff = Math.Max(high, lowest.Value + 1);
        if (retention.DeleteBelow(cutoff) is null) return false;
        Log.TicksEvicted(logger, bytes, limit, UnixTime.ToTime(TickKey.StartOf(cutoff)));
        return true;
    }

    /// <summary>
    /// First slice that must stay: an unretired bucket's ticks may stand in a block that begins up to one span before it.
    /// </summary>
    private uint HighestEvictable(UncoveredSeries uncovered) => uncovered.LeastBucket is { } least
        ? TickKey.SliceOf(least - FlushCommit.MaxBlockSpanNs)
        : TickKey.SliceOf(database.Time.GetUnixNanoseconds()) + 1;

    /// <summary>Oldest slice with live ticks; null without any.</summary>
    public uint? FirstWindow()
    {
        using var lease = new IteratorLease(database, Family.Ticks);
        return lease[0].Seek(TickKey.SlicePrefix(retention.Watermark)) ? TickKey.Read(lease[0].Key).Slice : null;
    }
}
