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

    [Theory, InlineData(-150), InlineData(6 * 3_600)]
    public void A_step_of_the_wall_clock_moves_nothing_that_was_planned(int seconds)
    {
        _schedule.Delivered(IngestBench.At(Start), Start, dirtyCells: 100_000);
        var due = NextDue(Start);

        Assert.False(_schedule.BucketIsDue(new Instant(due - Millisecond + (seconds * Second), due - Millisecond)));
        Assert.True(_schedule.BucketIsDue(new Instant(due + (seconds * Second), due)));
    }

    [Theory, InlineData(-150), InlineData(6 * 3_600)]
    public void After_a_step_of_the_wall_clock_buckets_are_due_by_the_new_time(int seconds)
    {
        var stepped = Start + (seconds * Second) + (Second / 4);
        _schedule.Delivered(new Instant(stepped, Start), Start, dirtyCells: 100_000);

        Assert.Equal(Start + (3 * Second / 4) + new IngestBench().Model.Spec.GraceNs, NextDue(Start));
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
