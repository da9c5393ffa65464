using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Tikr.Tests.Streaming.Kafka.Support;

/// <summary>Keeps every line, at every level.</summary>
internal sealed class TestLog : ILogger, ILoggerProvider
{
    private readonly ConcurrentQueue<string> _lines = new();

    public IReadOnlyList<string> Lines => [.. _lines];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state,
        Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue($"{logLevel} {eventId.Id}: {formatter(state, exception)}{(exception is null ? "" : $" {exception}")}");

    public ILogger CreateLogger(string categoryName) => this;

    public void Dispose()
    {
    }
}
