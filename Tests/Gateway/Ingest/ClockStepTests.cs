using Tikr.Gateway.Ingest.Lanes;

namespace Tikr.Tests.Gateway.Ingest;

/// <summary>A step of the wall clock, however large, delays no bar that was open at the step by more than 2 s.</summary>
public sealed class ClockStepTests : IDisposable
{
    private const long Second = IngestBench.Second, Start = IngestBench.Start;
    private readonly SteppedLane _stepped = new();
    private readonly Source _source = new(new StreamProgress { IsDrained = true });

    public static TheoryData<int> Steps => [-10_800, -150, -1, 1, 150, 21_600];

    [Theory, MemberData(nameof(Steps))]
    public void An_open_bar_is_final_when_it_would_have_been_without_the_step(int seconds)
    {
        var due = _stepped.DueAt(Start);
        _stepped.Send(_source, new Tick("A", Start));
        _stepped.RunFor(TimeSpan.FromMilliseconds(300));
        _stepped.Bench.Time.StepWall(TimeSpan.FromSeconds(seconds));

        RunUntil(due + (Second / 2));

        Assert.True(_stepped.Gateways.Now.DeliveredThroughNs >= due);
        Assert.True(_stepped.Gateways.Now.DeliveredThroughNs <= _stepped.Bench.Now.MonotonicNs);
    }

    [Theory, MemberData(nameof(Steps))]
    public void What_came_just_before_the_step_is_delivered_with_it(int seconds)
    {
        var due = _stepped.DueAt(Start);
        _stepped.RunFor(TimeSpan.FromMilliseconds(990));
        _stepped.Send(_source, new Tick("A", Start));
        _stepped.Bench.Time.StepWall(TimeSpan.FromSeconds(seconds));

        RunUntil(due + (Second / 2));

        Assert.Equal((Start, 1), (_stepped.Router.Delivered.Single().BucketStart, _stepped.Router.Delivered.Single().Ticks));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(150)]
    [InlineData(21_000)]
    public void What_comes_after_a_step_forward_into_a_flush_that_had_begun_is_due_in_time(int seconds)
    {
        var due = _stepped.DueAt(Start);
        _stepped.Send(_source, new Tick("A", Start));
        _stepped.Bench.Time.StepWall(TimeSpan.FromSeconds(seconds));
        var bucket = _stepped.Bench.Model.BucketOf(_stepped.Bench.Now.UnixNs);
        _stepped.Send(_source, new Tick("B", bucket));

        RunUntil(_stepped.DueAt(bucket) + (Second / 2));

        Assert.InRange(_stepped.Router.Delivered.Single(one => one.Symbol == "A").DueNs, due - (seconds * Second), due);
        Assert.Equal(_stepped.DueAt(bucket), _stepped.Router.Delivered.Single(one => one.Symbol == "B").DueNs);
    }

    [Theory]
    [InlineData(-150)]
    [InlineData(-10_800)]
    public void What_was_accepted_before_a_step_back_and_queued_after_it_is_due_as_if_it_began_then(int seconds)
    {
        var began = _stepped.Bench.Now.MonotonicNs;
        var message = _stepped.Bench.Message(_source, new Tick("A", Start));
        _stepped.Bench.Time.StepWall(TimeSpan.FromSeconds(seconds));
        _stepped.Lane.Queue.Add(message);

        RunUntil(began + (2 * Second));

        var delivered = Assert.Single(_stepped.Router.Delivered);
        Assert.Equal((Start, 1), (delivered.BucketStart, delivered.Ticks));
        Assert.InRange(delivered.DueNs, began, began + (2 * Second));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(700)]
    public void What_comes_in_a_glitch_that_is_over_before_its_flush_is_due_as_if_it_began_then(int leftMilliseconds)
    {
        var began = _stepped.Bench.Now.MonotonicNs;
        _stepped.Send(_source, new Tick("B", Start));
        _stepped.Bench.Time.StepWall(TimeSpan.FromHours(3));
        _stepped.Send(_source, new Tick("A", Start + (10_800 * Second)));
        _stepped.Bench.Time.StepWall(TimeSpan.FromMilliseconds(leftMilliseconds) - TimeSpan.FromHours(3));

        RunUntil(began + (2 * Second));

        Assert.InRange(_stepped.Router.Delivered.Single(one => one.Symbol == "A").DueNs, began, began + (2 * Second));
    }

    [Theory, MemberData(nameof(Steps))]
    public void After_the_step_bars_of_the_new_time_are_delivered_as_ever(int seconds)
    {
        _stepped.RunFor(TimeSpan.FromMilliseconds(300));
        _stepped.Bench.Time.StepWall(TimeSpan.FromSeconds(seconds));
        var bucket = _stepped.Bench.Model.BucketOf(_stepped.Bench.Now.UnixNs);
        _stepped.Send(_source, new Tick("A", bucket));

        RunUntil(_stepped.DueAt(bucket) + (Second / 2));

        var delivered = Assert.Single(_stepped.Router.Delivered);
        Assert.Equal((bucket, 1, false), (delivered.BucketStart, delivered.Ticks, delivered.Close));
    }

    [Fact]
    public void A_glitch_of_hours_that_is_put_right_again_freezes_nothing()
    {
        _stepped.RunFor(TimeSpan.FromMilliseconds(300));
        _stepped.Bench.Time.StepWall(TimeSpan.FromHours(6) - TimeSpan.FromMinutes(1));
        _stepped.RunFor(TimeSpan.FromSeconds(5));
        _stepped.Bench.Time.StepWall(TimeSpan.FromMinutes(1) - TimeSpan.FromHours(6));
        var bucket = _stepped.Bench.Model.BucketOf(_stepped.Bench.Now.UnixNs);
        _stepped.Send(_source, new Tick("A", bucket));

        RunUntil(_stepped.DueAt(bucket) + (Second / 2));

        Assert.Equal((bucket, false), (Assert.Single(_stepped.Router.Delivered) is var one ? (one.BucketStart, one.Close) : default));
        Assert.True(_stepped.Gateways.Now.DeliveredThroughNs >= _stepped.DueAt(bucket));
    }

    public void Dispose() => _stepped.Dispose();

    private void RunUntil(long monotonicNs) => _stepped.RunUntil(monotonicNs);
}
