namespace Tikr.Core.Time;

/// <summary>
/// Lets through the first of many messages that say the same, then one a minute, with how many there were since. Touched from any thread.
/// </summary>
public sealed class LogPace(TimeProvider time)
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);
    private readonly Lock _gate = new();
    private long? _last;
    private long _count;

    /// <summary>Counts one; whether it is to be logged.</summary>
    /// <param name="count">How many there were since the last that was logged, this one included.</param>
    public bool IsDue(out long count)
    {
        lock (_gate)
        {
            count = ++_count;
            if (_last is { } last && time.GetElapsedTime(last) < Period) return false;
            _last = time.GetTimestamp();
            _count = 0;
            return true;
        }
    }

    /// <summary>It is over: the next is a first one.</summary>
    public void Reset()
    {
        lock (_gate) (_last, _count) = (null, 0);
    }
}
