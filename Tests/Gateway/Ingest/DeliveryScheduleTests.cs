using Tikr.Core.Time;
using Tikr.Gateway.Ingest;
using Tikr.Gateway.Ingest.Lanes;

namespace Tikr.Tests.Gateway.Ingest;

public sealed class DeliveryScheduleTests
{
    private const long Millisecond = 1_000_000, Second = 1_000 * Millisecond, Start = 1_700_000_000 * Second;
    private readonly DeliverySchedule _schedule = new(new IngestBench().LaneSet, new IngestOptions());

    [Fact]
    public void Few_open_buckets_are_refreshed_every_100_ms_and_delivered_when_due()
    {
        var (refreshes, dues) = Run(dirty: 100, seconds: 3);
        Assert.InRange(refreshes, 27, 31);
        Assert.Equal(3, dues);
    }

    [Fact]
    public void Many_open_buckets_are_delivered_when_due_and_refreshed_only_so_that_they_never_grow_stale()
    {
        var (refreshes, dues) = Run(dirty: 100_000, seconds: 20);
        Assert.InRange(refreshes, 3, 5);
        Assert.Equal(20, dues);
    }

    [Fact]
    public void Due_buckets_that_wait_for_streams_that_are_behind_are_looked_at_again_soon()
    {
        var due = Start + new IngestBench().Model.Spec.GraceNs;

        _schedule.Delivered(IngestBench.At(due + Millisecond), throughNs: due - Millisecond, dirtyCells: 100_000);
        Assert.Equal(due + (21 * Millisecond), NextDue(due + Millisecond));

        _schedule.Delivered(IngestBench.At(due + (21 * Millisecond)), throughNs: due + (20 * Millisecond), dirtyCells: 100_000);
        Assert.Equal(due + Second, NextDue(due + (21 * Millisecond)));
    }

    [Fact]
    public void A_clock_that_was_set_back_delays_no_bucket_beyond_its_own_length()
    {
        _schedule.Delivered(new Instant(Start, Start), Start, dirtyCells: 0);

        Assert.True(_schedule.BucketIsDue(new Instant(Start - (150 * Second), Start + Millisecond)));
    }

    private long NextDue(long now)
    {
        while (!_schedule.BucketIsDue(IngestBench.At(now))) now += Millisecond;
        return now;
    }

    // Steps of 1 ms: what a loop that wakes when it should would do.
    private (int Refreshes, int Dues) Run(int dirty, int seconds)
    {
        var (refreshes, dues) = (0, 0);
        _schedule.Delivered(IngestBench.At(Start), Start, dirty);
        for (var now = Start; now < Start + (seconds * Second); now += Millisecond)
        {
            if (!_schedule.IsDue(IngestBench.At(now))) continue;
            if (_schedule.RefreshIsDue(IngestBench.At(now))) refreshes++;
            if (_schedule.BucketIsDue(IngestBench.At(now))) dues++;
            _schedule.Delivered(IngestBench.At(now), now, dirty);
        }

        return (refreshes, dues);
    }
}
