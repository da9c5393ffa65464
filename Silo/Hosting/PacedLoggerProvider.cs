using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Tikr.Core.Time;

namespace Tikr.Silo.Hosting;

/// <summary>
/// Lets the framework's own messages through once a minute for each silo that they name, or each kind, and level: while a silo is away,
/// every probe and every connection would be a line. What is an error is not held back by a warning of the same silo.
/// </summary>
internal sealed partial class PacedLoggerProvider(ILoggerProvider inner, TimeProvider time) : ILoggerProvider, ISupportExternalScope
{
    private const string Framework = "Orleans.";
    private const int MostSubjects = 1000;
    private readonly ConcurrentDictionary<string, LogPace> _subjects = new(StringComparer.Ordinal);

    public ILogger CreateLogger(string categoryName)
    {
        var logger = inner.CreateLogger(categoryName);
        return categoryName.StartsWith(Framework, StringComparison.Ordinal) ? new PacedLogger(this, categoryName, logger) : logger;
    }

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => (inner as ISupportExternalScope)?.SetScopeProvider(scopeProvider);

    public void Dispose() => inner.Dispose();

    /// <summary>How many of a message to tell of now; null while it is to be quiet.</summary>
    private long? Next(string category, LogLevel level, EventId id, string text)
    {
        if (_subjects.Count > MostSubjects) _subjects.Clear();
        var silos = string.Join(' ', Endpoint().Matches(text).Select(match => match.Value).Distinct().Order(StringComparer.Ordinal));
        var subject = silos.Length > 0 ? silos : $"{category} {id.Id}";
        return _subjects.GetOrAdd($"{level} {subject}", static (_, clock) => new LogPace(clock), time).Next();
    }

    [GeneratedRegex(@"\d{1,3}(?:\.\d{1,3}){3}:\d+")]
    private static partial Regex Endpoint();

    private sealed class PacedLogger(PacedLoggerProvider provider, string category, ILogger logger) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => logger.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => logger.IsEnabled(logLevel);

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel)) return;
            if (provider.Next(category, logLevel, eventId, formatter(state, exception)) is not { } count) return;
            if (count == 1) logger.Log(logLevel, eventId, state, exception, formatter);
            else logger.Log(logLevel, eventId, state, exception, (of, why) => $"{formatter(of, why)} (and {count - 1} more since)");
        }
    }
}
