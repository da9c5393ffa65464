using System.Globalization;

namespace Tikr.Cli.Replay;

/// <summary>How fast a replay runs: as fast as the server takes it, or a multiple of the time between the ticks.</summary>
internal sealed class Pace(double factor, TimeProvider time)
{
    private long _started;
    private long _firstNs = -1;

    /// <summary>max, realtime, or a factor such as 10x.</summary>
    public static Pace Parse(string text, TimeProvider time) => text switch
    {
        "max" => new Pace(double.PositiveInfinity, time),
        "realtime" => new Pace(1, time),
        [.. var number, 'x'] when double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var factor)
            && factor > 0 => new Pace(factor, time),
        _ => throw new CliException($"--speed '{text}' is not understood: write max, realtime, or a factor such as 10x or 0.5x"),
    };

    /// <summary>How long to wait before a tick of this event time is due.</summary>
    public TimeSpan Until(long eventNs)
    {
        if (double.IsPositiveInfinity(factor)) return TimeSpan.Zero;
        if (_firstNs < 0)
        {
            _firstNs = eventNs;
            _started = time.GetTimestamp();
        }

        var due = TimeSpan.FromTicks((long)((eventNs - _firstNs) / factor / 100));
        var wait = due - time.GetElapsedTime(_started);
        // Timers are coarse: shorter waits are made up for by the next ones.
        return wait < TimeSpan.FromMilliseconds(5) ? TimeSpan.Zero : wait;
    }

    public Task WaitAsync(TimeSpan wait, CancellationToken cancellation) => Task.Delay(wait, time, cancellation);
}
