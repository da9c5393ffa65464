using Microsoft.Extensions.Time.Testing;
using Tikr.Core.Time;

namespace Tikr.Tests.Core.Time;

public sealed class PacedLogTests
{
    [Fact]
    public void The_first_of_a_subject_is_logged_at_once_and_the_others_once_a_minute()
    {
        var time = new FakeTimeProvider();
        var pace = new PacedLog<string>(time);

        Assert.Equal(3, pace.Next("a", 3));
        Assert.Null(pace.Next("a", 4));
        Assert.Equal(1, pace.Next("b", 1));
        time.Advance(TimeSpan.FromSeconds(59));
        Assert.Null(pace.Next("a", 5));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(4 + 5 + 6, pace.Next("a", 6));
        Assert.Null(pace.Next("a", 1));
    }
}
