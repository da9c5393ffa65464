using Microsoft.Extensions.Logging;

namespace Tikr.Tests.Support;

/// <summary>Keeps log messages for assertions.</summary>
public sealed class LogRecorder : ILogger
{
    private readonly List<(LogLevel Level, int Id, string Text)> _messages = [];

    public IReadOnlyList<(LogLevel Level, int Id, string Text)> Messages
    {
        get
        {
            lock (_messages) return [.. _messages];
        }
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state,
        Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_messages) _messages.Add((logLevel, eventId.Id, formatter(state, exception)));
    }
}
