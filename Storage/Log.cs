using Microsoft.Extensions.Logging;

namespace Tikr.Storage;

/// <summary>Log messages of every store's reaper; event ids 2000-2099, which stay as they are.</summary>
internal static partial class Log
{
    [LoggerMessage(2011, LogLevel.Error,
        "Nothing is reaped: the wall clock is at {Now:u}, {Jump} further than the time that has passed since "
            + "the last cycle at {Last:u}; data would expire early. If the clock is right now, {Remedy}")]
    public static partial void ClockStepped(ILogger logger, DateTimeOffset now, TimeSpan jump, DateTimeOffset last, string remedy);

    [LoggerMessage(2012, LogLevel.Warning, "Clock step to {Now:u} confirmed by the operator")]
    public static partial void ClockStepConfirmed(ILogger logger, DateTimeOffset now);

    [LoggerMessage(2013, LogLevel.Error,
        "Reaping failed, {Times} times since this was last logged, at most once a minute; retrying in the next cycle: {Reason}")]
    public static partial void ReapFailed(ILogger logger, long times, string reason, Exception? exception);

    [LoggerMessage(2018, LogLevel.Warning,
        "The wall clock is at {Now:u}, before the last reaper cycle at {Last:u}: nothing expires until it has caught up")]
    public static partial void ClockWentBack(ILogger logger, DateTimeOffset now, DateTimeOffset last);
}
