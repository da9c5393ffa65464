using Microsoft.Extensions.Logging;
using RocksDbSharp;
using Tikr.Core.Time;

namespace Tikr.Storage.RocksDb;

/// <summary>
/// Up to where ticks are deleted. Slices hold all series, so one watermark serves all. <see cref="Gate"/> keeps commits and deletions
/// apart: a commit below complete_from is refused under it, so no block lands behind the watermark.
/// </summary>
internal sealed class TickRetention(RocksDbDatabase database, ManifestLog manifests, ILogger logger)
{
    private long _completeFrom = (long)database.GetNumber(MetaKeys.CompleteFrom);

    public Lock Gate { get; } = new();

    /// <summary>Ticks from this event time on were not deleted, Unix nanoseconds.</summary>
    public long CompleteFromNs => Volatile.Read(ref _completeFrom);

    /// <summary>Slices below this one have been deleted.</summary>
    public uint Watermark { get; private set; } = (uint)database.GetNumber(MetaKeys.TicksWatermark);

    /// <summary>Why ingest must wait, or null.</summary>
    public volatile string? BlockedReason;

    /// <summary>Event time before which no query is shown anything now: the lazy filter of the TTL.</summary>
    public long ExpiredBeforeNs => database.Time.GetUnixNanoseconds() - database.Options.TicksTtl.ToNanoseconds();

    /// <summary>
    /// Deletes all slices below one: raises complete_from durably, then deletes the slices from the watermark on, with the pairs of
    /// manifests that name nothing else, and moves the watermark, atomically, then drops table files that lie wholly below it.
    /// </summary>
    /// <returns>The deleted range of slices, or null if there was none.</returns>
    public (uint From, uint To)? DeleteBelow(uint slice)
    {
        lock (Gate)
        {
            if (slice <= Watermark) return null;
            RaiseCompleteFrom(TickKey.StartOf(slice) + FlushCommit.MaxBlockSpanNs);
            var deleted = (From: Watermark, To: slice);
            var (from, to) = (TickKey.SlicePrefix(deleted.From), TickKey.SlicePrefix(deleted.To));
            using var batch = new WriteBatch();
            using (var usage = database.Use()) batch.DeleteRange(from, 4, to, 4, usage.Families.Ticks);
            database.PutNumber(batch, MetaKeys.TicksWatermark, slice);
            var pairs = manifests.DropBelow(CompleteFromNs, batch, () => database.WriteSynced(batch));
            if (pairs > 0) Log.PairsGivenUp(logger, pairs, UnixTime.ToTime(CompleteFromNs));
            Watermark = slice;
            database.DropFiles(Family.Ticks, from, to);
            return deleted;
        }
    }

    // Durable before it shows: a deletion that goes on from what memory says must find it on the disk.
    private void RaiseCompleteFrom(long ns)
    {
        if (ns <= CompleteFromNs) return;
        database.PutNumberSynced(MetaKeys.CompleteFrom, (ulong)ns);
        Volatile.Write(ref _completeFrom, ns);
    }
}
