using Microsoft.Extensions.Logging;
using Tikr.Silo.Hosting;
using Tikr.Tests.Support.Time;

namespace Tikr.Tests.Silo;

/// <summary>What the framework says of a silo that is away.</summary>
public sealed class PacedLoggerTests : IDisposable
{
    private readonly SteppingTime _time = new(DateTimeOffset.UnixEpoch.AddSeconds(1_000_000));
    private readonly Lines _lines = new();
    private readonly PacedLoggerProvider _provider;

    public PacedLoggerTests() => _provider = new PacedLoggerProvider(_lines, _time);

    [Fact]
    public void A_silo_that_is_away_is_one_line_a_minute_that_tells_of_those_left_out()
    {
        var logger = _provider.CreateLogger("Orleans.Runtime.Probes");
        for (var probe = 1; probe <= 100; probe++) Warn(logger, $"Probe {probe} of S10.0.0.1:11111:1 failed");
        Assert.Equal(["Probe 1 of S10.0.0.1:11111:1 failed"], _lines.All);

        _time.Advance(TimeSpan.FromMinutes(1));
        Warn(logger, "Probe 101 of S10.0.0.1:11111:1 failed");
        Assert.Equal("Probe 101 of S10.0.0.1:11111:1 failed (and 99 more since)", _lines.All[^1]);
    }

    [Fact]
    public void Neither_another_silo_nor_an_error_of_the_same_nor_our_own_messages_are_held_back_by_it()
    {
        var logger = _provider.CreateLogger("Orleans.Runtime.Membership");
        Warn(logger, "S10.0.0.1:11111:1 does not answer");
        Warn(logger, "S10.0.0.2:11111:1 does not answer");
        logger.Log(LogLevel.Error, 0, "S10.0.0.1:11111:1 has declared this silo dead", null, (text, _) => text);
        var ours = _provider.CreateLogger("Tikr.Grains");
        Warn(ours, "S10.0.0.1:11111:1");
        Warn(ours, "S10.0.0.1:11111:1");

        Assert.Equal(5, _lines.All.Count);
    }

    public void Dispose() => _provider.Dispose();

    private static void Warn(ILogger logger, string text) => logger.Log(LogLevel.Warning, 0, text, null, (said, _) => said);

    private sealed class Lines : ILoggerProvider, ILogger
    {
        public List<string> All { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            All.Add(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
