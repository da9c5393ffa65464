using Microsoft.Extensions.Time.Testing;

namespace Tikr.Tests.Support.Time;

/// <summary>Clocks of a test: <see cref="FakeTimeProvider.Advance"/> turns both on; the wall clock can be stepped by itself.</summary>
public sealed class SteppingTime : FakeTimeProvider
{
    private readonly long _origin;
    private TimeSpan _stepped;

    /// <summary>Makes clocks of which the wall clock shows a time.</summary>
    public SteppingTime(DateTimeOffset start)
        : base(start) => _origin = start.UtcTicks;

    /// <summary>Sets the wall clock forward, or back; the monotonic clock and all timers go on as before.</summary>
    public void StepWall(TimeSpan by) => _stepped += by;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + _stepped;

    /// <inheritdoc/>
    public override long GetTimestamp() => base.GetUtcNow().UtcTicks - _origin;
}
