using System.Collections.Concurrent;

namespace Tikr.Core.Time;

/// <summary>Paces log lines that others could fill a log with, each subject by itself as <see cref="LogPace"/> says.</summary>
/// <typeparam name="T">What tells subjects apart: a bounded set, since each is remembered.</typeparam>
/// <param name="time">The clock.</param>
public sealed class PacedLog<T>(TimeProvider time)
    where T : notnull
{
    private readonly ConcurrentDictionary<T, LogPace> _subjects = new();

    /// <summary>How many to log now, those included that were held back; null while it is to be quiet.</summary>
    /// <param name="subject">What happened.</param>
    /// <param name="count">How often.</param>
    public long? Next(T subject, long count) =>
        _subjects.GetOrAdd(subject, static (_, clock) => new LogPace(clock), time).Next(count);
}
