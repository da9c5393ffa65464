using Tikr.Core.Time;

namespace Tikr.Tests.Core.Time;

public sealed class UnixTimeTests
{
    [Fact]
    public void A_duration_longer_than_nanoseconds_can_hold_is_the_longest_and_not_a_negative_one()
    {
        Assert.Equal(3_000_000_000, TimeSpan.FromSeconds(3).ToNanoseconds());
        Assert.InRange(TimeSpan.MaxValue.ToNanoseconds(), long.MaxValue - 99, long.MaxValue);
        Assert.InRange(TimeSpan.MinValue.ToNanoseconds(), long.MinValue, long.MinValue + 199);
    }
}
