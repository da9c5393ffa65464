using Tikr.Core.Time;

namespace Tikr.Gateway.Ingest.Lanes;

/// <summary>
/// Up to which time everything that clients had sent has been received. A stream that is always full may be behind its client, most of
/// all when ticks are held up because bars are not stored as fast: it counts as received up to its event time and the grace after it, which
/// is what a bar waits for in any case. Otherwise bars would close, and be revised a moment later, for ticks that waited at our own door.
/// Belongs to the lane.
/// </summary>
internal sealed class ReceiptClock(LaneSeriesSet series, IngestOptions options)
{
    private readonly long _maxLagNs = options.MaxStreamLag.ToNanoseconds();

    /// <summary>Looks at the streams; to be called before what they have left is taken for a flush.</summary>
    public void Look()
    {
        foreach (var one in series.All) one.Sources.LookForDrained();
    }

    /// <summary>
    /// The time (monotonic nanoseconds), once that flush is done. A stream further behind than <see cref="IngestOptions.MaxStreamLag"/>,
    /// such as a replay, is not waited for.
    /// </summary>
    public long ThroughNs(in Instant now)
    {
        var through = now.UnixNs;
        foreach (var one in series.All)
        {
            var grace = one.Model.Spec.GraceNs;
            var least = one.Sources.LeastUndrained(now.UnixNs - _maxLagNs - grace);
            if (least != long.MaxValue) through = Math.Min(through, least + grace);
        }

        return now.MonotonicAt(through);
    }
}
