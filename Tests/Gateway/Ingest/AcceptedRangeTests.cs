using Tikr.Gateway.Ingest;
using Tikr.Gateway.Ingest.Lanes;

namespace Tikr.Tests.Gateway.Ingest;

/// <summary>
/// The earliest time that ticks may have: only buckets all of whose ticks the store still holds, and will hold until a flush under way is
/// committed, may get one.
/// </summary>
public sealed class AcceptedRangeTests
{
    private const long Second = IngestBench.Second, TtlNs = 6 * 3600 * Second;

    /// <summary>What ticks need at most from here to their commit.</summary>
    private const long Margin = 5 * Second;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(Second / 2)]
    [InlineData(Second - 1)]
    public void It_is_the_first_bucket_that_begins_a_margin_after_complete_from(long offset)
    {
        var store = new ScriptedTickStore { CompleteFromNs = IngestBench.Start - (60 * Second) + offset };
        var earliest = EarliestOf(store);
        Assert.Equal(0, earliest % Second);
        Assert.InRange(earliest, store.CompleteFromNs + Margin, store.CompleteFromNs + Margin + Second - 1);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(Second - 1)]
    public void It_is_the_first_bucket_that_has_not_begun_to_expire(long offset)
    {
        var bench = new IngestBench();
        bench.Time.Advance(TimeSpan.FromTicks(offset / 100));
        var expired = IngestBench.Start + (offset / 100 * 100) - TtlNs;
        var earliest = EarliestOf(new ScriptedTickStore(), bench);
        Assert.Equal(0, earliest % Second);
        Assert.InRange(earliest, expired, expired + Second - 1);
    }

    private static long EarliestOf(ScriptedTickStore store, IngestBench? bench = null)
    {
        bench ??= new IngestBench();
        using var lane = new FlushLane(1, bench.SeriesSet, [], bench.Services(store, new IngestOptions(), IngestBench.Metrics()));
        return bench.Series.EarliestNs;
    }
}
