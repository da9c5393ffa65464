using System.Collections.Concurrent;

namespace Tikr.Core.Time;

/// <summary>
/// Paces log lines that others could fill a log with: of each subject the first at once, what follows not before a minute has passed,
/// and then as one number. By the monotonic clock.
/// </summary>
/// <typeparam name="T">What tells subjects apart: a bounded set, since each is remembered.</typeparam>
/// <param name="time">The clock.</param>
public sealed class PacedLog<T>(TimeProvider time)
    where T : notnull
{
    private static readonly TimeSpan Quiet = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<T, Subject> _subjects = new();

    /// <summary>How many to log now, those included that were held back; null while it is to be quiet.</summary>
    /// <param name="subject">What happened.</param>
    /// <param name="count">How often.</param>
    public long? Next(T subject, long count)
    {
        var one = _subjects.GetOrAdd(subject, static _ => new Subject());
        lock (one)
        {
            one.Unlogged += count;
            if (one.LoggedAt is { } at && time.GetElapsedTime(at) < Quiet) return null;
            (one.LoggedAt, count, one.Unlogged) = (time.GetTimestamp(), one.Unlogged, 0);
            return count;
        }
    }

    private sealed class Subject
    {
        public long? LoggedAt { get; set; }

        public long Unlogged { get; set; }
    }
}
