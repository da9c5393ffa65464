using Tikr.Core.Time;

namespace Tikr.Tests.Core.Time;

public sealed class BackoffTests
{
    [Theory]
    [InlineData(0, 100)]
    [InlineData(1, 200)]
    [InlineData(4, 1600)]
    [InlineData(6, 5000)]
    [InlineData(byte.MaxValue, 5000)]
    public void Pauses_double_up_to_the_longest(int earlier, int milliseconds) =>
        Assert.Equal(
            TimeSpan.FromMilliseconds(milliseconds),
            new Backoff(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(5)).After(earlier));

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(1_000_000, 1)]
    [InlineData(1_000_001, 2)]
    public void A_timer_never_fires_early(long nanoseconds, int milliseconds) =>
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), UnixTime.ToTimerPause(nanoseconds));
}
