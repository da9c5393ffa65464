namespace Tikr.Gateway.Ingest.Lanes;

/// <summary>
/// What the gateway knows of one (key, bucket): committed ticks not delivered to the grain yet, and which flushes no stored bar is known to
/// cover. It lives until a stored bar covers its last flush.
/// </summary>
internal sealed class Cell
{
    public LaneKey Key { get; private set; } = null!;

    public LaneSeries Series { get; private set; } = null!;

    public long BucketStart { get; private set; }

    /// <summary>When the bucket is due by the clocks of its first tick, monotonic nanoseconds: no later step moves it.</summary>
    public long DueNs { get; private set; }

    /// <summary>Next cell of the same key, or of those waiting to be used again.</summary>
    public Cell? Next;

    /// <summary>Folded and not delivered; null when nothing is, or when the bucket must be recomputed.</summary>
    public long[]? State;

    /// <summary>
    /// The grain must recompute the bucket from stored ticks: another epoch left ticks, a commit's outcome is unknown, or the series is
    /// deduplicated.
    /// </summary>
    public bool Recompute;

    /// <summary>First flush not delivered; 0 when all are.</summary>
    public ulong FromFlush;

    /// <summary>Last flush that touched the pair.</summary>
    public ulong LastFlush;

    /// <summary>Last flush delivered; 0 for none.</summary>
    public ulong DeliveredFlush;

    /// <summary>No stored bar is known to cover flushes from here on.</summary>
    public ulong UncoveredFrom;

    /// <summary>Its first tick came at or after bucket end + grace: it closes by event time, not by the clock.</summary>
    public bool IsPast;

    /// <summary>Of a past cell: for how long no tick has come for it while its streams were read, up to the last look.</summary>
    public long SilentNs;

    /// <summary>It was closed before its time, for lack of room.</summary>
    public bool IsEarly;

    /// <summary>When the last flush touched it, monotonic nanoseconds.</summary>
    public long TouchedNs;

    /// <summary>When it was last delivered, monotonic nanoseconds.</summary>
    public long DeliveredNs;

    /// <summary>Whether it stands in the list of cells to deliver.</summary>
    public bool IsQueued;

    public bool HasUndelivered => FromFlush != 0;

    /// <summary>Makes it the cell of a pair; everything else is as new.</summary>
    public void Begin(LaneKey key, LaneSeries series, long bucketStart, long dueNs)
    {
        Key = key;
        Series = series;
        BucketStart = bucketStart;
        DueNs = dueNs;
        State = null;
        Recompute = IsPast = IsEarly = IsQueued = false;
        FromFlush = LastFlush = DeliveredFlush = UncoveredFrom = 0;
        TouchedNs = DeliveredNs = SilentNs = 0;
    }
}
