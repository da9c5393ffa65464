using Tikr.Core.Wire;

namespace Tikr.Gateway.Ingest.Lanes;

/// <summary>How far a stream has come, whatever series its ticks are of.</summary>
internal sealed class StreamProgress
{
    /// <summary>Greatest event time folded so far, Unix nanoseconds; written by the lane.</summary>
    public long EventTimeNs = long.MinValue;

    /// <summary>Whether it waits for its client, so that nothing that was sent is still unread; written by the stream.</summary>
    public volatile bool IsDrained;

    /// <summary><see cref="IsDrained"/> when the lane last looked; written by the lane.</summary>
    public bool WasDrained;
}

/// <summary>One stream's ticks of one series: how far their event time has come.</summary>
/// <param name="stream">The stream; a new one if none is given.</param>
internal sealed class Source(StreamProgress? stream = null)
{
    /// <summary>The stream, which may bring ticks of other series too.</summary>
    public StreamProgress Stream { get; } = stream ?? new StreamProgress();

    /// <summary>Greatest event time folded so far, Unix nanoseconds; written by the lane.</summary>
    public long EventTimeNs = long.MinValue;

    /// <summary>When its last tick was folded, monotonic nanoseconds.</summary>
    public long LastTickNs = long.MinValue;

    /// <summary>Ticks of it have been folded.</summary>
    public void Advance(long eventTimeNs, long nowNs)
    {
        EventTimeNs = Math.Max(EventTimeNs, eventTimeNs);
        Stream.EventTimeNs = Math.Max(Stream.EventTimeNs, eventTimeNs);
        LastTickNs = nowNs;
    }

    /// <summary>Its bit in the lane's <see cref="SourceTable"/>; -1 before its first flush.</summary>
    public int Bit = -1;

    /// <summary>
    /// Where further small messages go as long as its batch is the one being filled. Guarded by <see cref="IngestQueue"/>.
    /// </summary>
    public (FlushBatch? Batch, TickMessage? Message) Gathering;
}
