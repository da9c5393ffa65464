using Tikr.Core.Time;

namespace Tikr.Storage.RocksDb;

/// <summary>Up to where bars are deleted, and the gate that keeps their compare-and-set writes one after the other.</summary>
internal sealed class BarRetention(RocksDbDatabase database)
{
    private long _cutoff = (long)database.GetNumber(MetaKeys.BarsCutoff);

    public Lock Gate { get; } = new();

    /// <summary>
    /// Buckets starting before this were deleted, or are about to be; a bar written there would live for ever, so it is refused as expired.
    /// </summary>
    public long Cutoff => Volatile.Read(ref _cutoff);

    /// <summary>Bucket start before which no query is shown anything now: the lazy filter of the TTL.</summary>
    public long ExpiredBeforeNs => Math.Max(Cutoff, database.Time.GetUnixNanoseconds() - database.Options.BarsTtl.ToNanoseconds());

    /// <summary>Raises the cutoff durably, before anything is deleted. Writers that began earlier have finished when it returns.</summary>
    public void RaiseCutoff(long ns)
    {
        lock (Gate)
        {
            if (ns <= Cutoff) return;
            database.PutNumberSynced(MetaKeys.BarsCutoff, (ulong)ns);
            Volatile.Write(ref _cutoff, ns);
        }
    }
}
