using Microsoft.Extensions.Logging;

namespace Tikr.Tests.Support;

/// <summary>Keeps everything that is logged, at every level, for assertions.</summary>
public sealed class LogRecorder : ILogger, ILoggerProvider
{
    private readonly List<LogMessage> _messages = [];

    /// <summary>What was logged so far.</summary>
    public IReadOnlyList<LogMessage> Messages
    {
        get
        {
            lock (_messages) return [.. _messages];
        }
    }

    /// <summary>The same as lines that begin with level and event id, such as <c>Warning 8030: ...</c>.</summary>
    public IReadOnlyList<string> Lines =>
        [.. Messages.Select(m => $"{m.Level} {m.Id}: {m.Text}{(m.Exception is null ? "" : $" {m.Exception}")}")];

    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => true;

    /// <inheritdoc/>
    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state,
        Exception? exception, Func<TState, Exception?, string> formatter)
    {
        ArgumentNullException.ThrowIfNull(formatter);
        lock (_messages) _messages.Add(new LogMessage(logLevel, eventId.Id, formatter(state, exception), exception));
    }

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => this;

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}

/// <summary>One thing that was logged.</summary>
public sealed record LogMessage(LogLevel Level, int Id, string Text, Exception? Exception);
