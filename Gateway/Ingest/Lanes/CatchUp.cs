namespace Tikr.Gateway.Ingest.Lanes;

/// <summary>
/// A key that is catching up: how far each stream has come with the key's past buckets. What a stream sends of other keys, or of this key's
/// live buckets, says nothing about them. It lives while the key has a past cell to deliver. Belongs to the lane.
/// </summary>
internal sealed class CatchUp
{
    private const int MaxFeeds = 64;
    private Feed[] _feeds = new Feed[1];
    private int _count;
    private bool _hasOthers;

    /// <summary>Past cells of the key that are to be delivered.</summary>
    public int Cells { get; set; }

    /// <summary>A stream has brought ticks of a past bucket, up to an event time.</summary>
    public void Note(Source source, long timeNs, long nowNs)
    {
        var place = PlaceOf(source);
        if (place < 0)
        {
            _hasOthers = true;
            return;
        }

        ref var feed = ref _feeds[place];
        feed.EventTimeNs = Math.Max(feed.EventTimeNs, timeNs);
        feed.ReadNs = source.Stream.ReadNs(nowNs);
    }

    /// <summary>
    /// Which streams hold back a bucket with this due time: those that have not passed it and may bring more of it. One that has brought
    /// nothing for long does not count, even if it is open.
    /// </summary>
    public HeldBack HoldsBack(long dueNs, long nowNs, in Silence silence)
    {
        var (any, anyOpen, heldNs) = (_hasOthers, _hasOthers, 0L);
        for (var i = 0; i < _count; i++)
        {
            ref readonly var feed = ref _feeds[i];
            if (feed.EventTimeNs >= dueNs || IsQuiet(feed, nowNs, silence)) continue;
            any = true;
            if (feed.Source.HasEnded) continue;
            anyOpen = true;
            heldNs = Math.Max(heldNs, feed.Source.Stream.HeldLatelyNs);
        }

        return new HeldBack(any, anyOpen, heldNs);
    }

    /// <summary>Forgets everything, to be used for another key.</summary>
    public void Clear()
    {
        Array.Clear(_feeds, 0, _count);
        (_count, _hasOthers) = (0, false);
    }

    private static bool IsQuiet(in Feed feed, long nowNs, in Silence silence) =>
        feed.Source.Stream.ReadNs(nowNs) - feed.ReadNs >= silence.After(anyOpen: !feed.Source.HasEnded);

    // The place of a stream that has ended goes to the next new one, most likely its successor.
    private int PlaceOf(Source source)
    {
        var free = -1;
        for (var i = 0; i < _count; i++)
        {
            if (ReferenceEquals(_feeds[i].Source, source)) return i;
            if (free < 0 && _feeds[i].Source.HasEnded) free = i;
        }

        if (free < 0)
        {
            if (_count == MaxFeeds) return -1;
            if (_count == _feeds.Length) Array.Resize(ref _feeds, _count * 2);
            free = _count++;
        }

        _feeds[free] = new Feed { Source = source, EventTimeNs = long.MinValue };
        return free;
    }

    /// <summary>One stream's past ticks of the key: how far they have come, and when the last one came, by the stream's clock.</summary>
    private struct Feed
    {
        public Source Source;
        public long EventTimeNs, ReadNs;
    }
}

/// <summary>What holds a past bucket back.</summary>
/// <param name="Any">Some stream may bring more of it.</param>
/// <param name="AnyOpen">One of those streams is open.</param>
/// <param name="HeldNs">For how long, of late, one of those was not being read.</param>
internal readonly record struct HeldBack(bool Any, bool AnyOpen, long HeldNs);

/// <summary>The silence that ends a past bucket.</summary>
/// <param name="OpenNs">While a stream is open that may bring more of it.</param>
/// <param name="EndedNs">After all of them have ended: another stream may go on where they stopped.</param>
internal readonly record struct Silence(long OpenNs, long EndedNs)
{
    public long After(bool anyOpen) => anyOpen ? OpenNs : EndedNs;
}
