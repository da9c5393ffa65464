namespace Tikr.Core.Time;

/// <summary>
/// Paces log lines that say the same: the first goes at once, what follows not before a minute has passed, and then as one number. By the
/// monotonic clock; touched from any thread. <see cref="PacedLog{T}"/> has one for each of many subjects.
/// </summary>
public sealed class LogPace(TimeProvider time)
{
    private static readonly TimeSpan Quiet = TimeSpan.FromMinutes(1);
    private readonly Lock _gate = new();
    private long? _loggedAt;
    private long _unlogged;

    /// <summary>How many to log now, those included that were held back; null while it is to be quiet.</summary>
    /// <param name="count">How often it happened.</param>
    public long? Next(long count = 1)
    {
        lock (_gate)
        {
            _unlogged += count;
            if (_loggedAt is { } at && time.GetElapsedTime(at) < Quiet) return null;
            (_loggedAt, count, _unlogged) = (time.GetTimestamp(), _unlogged, 0);
            return count;
        }
    }

    /// <summary>It is over: the next is a first one.</summary>
    public void Reset()
    {
        lock (_gate) (_loggedAt, _unlogged) = (null, 0);
    }
}
