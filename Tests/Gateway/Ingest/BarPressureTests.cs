using Tikr.Gateway.Ingest;
using Tikr.Gateway.Ingest.Lanes;

namespace Tikr.Tests.Gateway.Ingest;

public sealed class BarPressureTests
{
    private const long Second = 1_000_000_000;
    private readonly BarPressure _pressure = new(new IngestOptions { MaxWaitingBars = 100, CommitTimeout = TimeSpan.FromSeconds(10) });

    [Theory]
    [InlineData(0, 0, false)]
    [InlineData(100, 0, false)]
    [InlineData(101, 0, true)]
    [InlineData(0, Second, false)]
    [InlineData(0, Second + 1, true)]
    public void Commits_wait_while_many_bars_wait_or_a_delivery_takes_long(int bars, long deliveringNs, bool held) =>
        Assert.Equal(held, _pressure.HoldsUp(Second, bars, deliveringNs));

    [Fact]
    public void Commits_wait_no_longer_than_the_commit_timeout_and_again_after_a_relief()
    {
        Assert.True(_pressure.HoldsUp(1 * Second, 200, 0));
        Assert.True(_pressure.HoldsUp((11 * Second) - 1, 200, 0));
        Assert.False(_pressure.HoldsUp(11 * Second, 200, 0));
        Assert.True(_pressure.IsHigh);
        Assert.False(_pressure.HoldsUp(12 * Second, 0, 0));
        Assert.False(_pressure.IsHigh);
        Assert.True(_pressure.HoldsUp(13 * Second, 200, 0));
    }

    [Fact]
    public void Pressure_that_lasts_lets_one_commit_through_and_holds_the_next_one_up_again()
    {
        Assert.True(_pressure.HoldsUp(1 * Second, 200, 0));
        Assert.False(_pressure.HoldsUp(11 * Second, 200, 0));
        Assert.False(_pressure.HoldsUp(12 * Second, 200, 0));
        _pressure.Tried(13 * Second);
        Assert.True(_pressure.HoldsUp(14 * Second, 200, 0));
        Assert.False(_pressure.HoldsUp(23 * Second, 200, 0));
    }

    [Fact]
    public void A_commit_without_pressure_does_not_begin_any()
    {
        _pressure.Tried(1 * Second);
        Assert.False(_pressure.IsHigh);
        Assert.True(_pressure.HoldsUp(20 * Second, 200, 0));
    }

    [Fact]
    public void A_delivery_that_was_long_before_the_first_look_has_held_commits_up_already()
    {
        Assert.True(_pressure.HoldsUp(30 * Second, 0, 6 * Second));
        Assert.True(_pressure.HoldsUp((35 * Second) - 1, 0, 11 * Second));
        Assert.False(_pressure.HoldsUp(35 * Second, 0, 11 * Second));
    }
}
