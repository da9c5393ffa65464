using Tikr.Core.Wire;

namespace Tikr.Gateway.Ingest;

/// <summary>How far a stream has come, whatever series its ticks are of.</summary>
internal sealed class StreamProgress
{
    /// <summary>Greatest event time folded so far, Unix nanoseconds; written by the flush loop.</summary>
    public long EventTimeNs = long.MinValue;

    /// <summary>Whether it waits for its client, so that nothing that was sent is still unread; written by the stream.</summary>
    public volatile bool IsDrained;

    /// <summary><see cref="IsDrained"/> when the loop last looked; written by the flush loop.</summary>
    public bool WasDrained;
}

/// <summary>One stream's ticks of one series: how far their event time has come.</summary>
/// <param name="stream">The stream; a new one if none is given.</param>
internal sealed class Feed(StreamProgress? stream = null)
{
    /// <summary>The stream, which may bring ticks of other series too.</summary>
    public StreamProgress Stream { get; } = stream ?? new StreamProgress();

    /// <summary>Greatest event time folded so far, Unix nanoseconds; written by the flush loop.</summary>
    public long EventTimeNs = long.MinValue;

    /// <summary>When its last tick was folded, Unix nanoseconds.</summary>
    public long LastTickNs = long.MinValue;

    /// <summary>Ticks of it have been folded.</summary>
    public void Advance(long eventTimeNs, long nowNs)
    {
        EventTimeNs = Math.Max(EventTimeNs, eventTimeNs);
        Stream.EventTimeNs = Math.Max(Stream.EventTimeNs, eventTimeNs);
        LastTickNs = nowNs;
    }

    /// <summary>Place in the table; -1 before the first tick is folded.</summary>
    public int Slot = -1;

    /// <summary>
    /// Where further small messages go as long as its batch is the one being filled. Guarded by <see cref="PendingTicks"/>.
    /// </summary>
    public (FlushBatch? Batch, TickMessage? Message) Gathering;
}

/// <summary>
/// The feeds of a series in 64 slots, so that a cell remembers its feeds in one word. More than 64 streams share slots: a shared slot is
/// as far as its slowest feed, which can only make a past bucket close later. Belongs to the flush loop.
/// </summary>
internal sealed class FeedTable
{
    private const int Slots = 64;
    private readonly List<Feed>[] _slots = Enumerable.Range(0, Slots).Select(_ => new List<Feed>()).ToArray();
    private int _next;

    /// <summary>The bit of a feed, giving it a slot when it has none.</summary>
    public ulong BitOf(Feed feed)
    {
        if (feed.Slot < 0)
        {
            feed.Slot = FreeSlot();
            _slots[feed.Slot].Add(feed);
        }

        return 1UL << feed.Slot;
    }

    /// <summary>Forgets a feed whose stream has ended: it holds nothing back any more.</summary>
    public void Close(Feed feed)
    {
        if (feed.Slot < 0) return;
        _slots[feed.Slot].Remove(feed);
        feed.Slot = -1;
    }

    /// <summary>Whether every feed of a cell has passed an event time.</summary>
    public bool HavePassed(ulong feeds, long timeNs)
    {
        for (; feeds != 0; feeds &= feeds - 1)
        {
            foreach (var feed in _slots[System.Numerics.BitOperations.TrailingZeroCount(feeds)])
            {
                if (feed.EventTimeNs < timeNs) return false;
            }
        }

        return true;
    }

    /// <summary>Whether some feed of a cell has brought ticks since a time.</summary>
    public bool AnyActive(ulong feeds, long sinceNs)
    {
        for (; feeds != 0; feeds &= feeds - 1)
        {
            foreach (var feed in _slots[System.Numerics.BitOperations.TrailingZeroCount(feeds)])
            {
                if (feed.LastTickNs > sinceNs) return true;
            }
        }

        return false;
    }

    /// <summary>Looks which streams are drained now, just before what they have left is flushed.</summary>
    public void LookForDrained()
    {
        foreach (var slot in _slots)
        {
            foreach (var feed in slot) feed.Stream.WasDrained = feed.Stream.IsDrained;
        }
    }

    /// <summary>
    /// Least event time, from <paramref name="sinceNs"/> on, that a stream has come to which had more to read at the last look;
    /// long.MaxValue if there is none.
    /// </summary>
    public long LeastUndrained(long sinceNs)
    {
        var least = long.MaxValue;
        foreach (var slot in _slots)
        {
            foreach (var feed in slot)
            {
                var stream = feed.Stream;
                if (!stream.WasDrained && stream.EventTimeNs >= sinceNs) least = Math.Min(least, stream.EventTimeNs);
            }
        }

        return least;
    }

    private int FreeSlot()
    {
        for (var i = 0; i < Slots; i++)
        {
            var slot = (_next + i) % Slots;
            if (_slots[slot].Count > 0) continue;
            _next = slot + 1;
            return slot;
        }

        return _next++ % Slots;
    }
}
