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
