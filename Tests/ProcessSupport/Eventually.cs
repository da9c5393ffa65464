using System.Diagnostics;

namespace Tikr.Tests.ProcessSupport;

/// <summary>Waits for a named condition of another process: it is asked again until it holds or its time is up.</summary>
public static class Eventually
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Waits until <paramref name="unmet"/> answers null; until then it says what is still missing.</summary>
    /// <exception cref="TimeoutException">The condition did not hold in time; the message has the last answer.</exception>
    public static async Task HoldsAsync(string condition, TimeSpan timeout, Func<Task<string?>> unmet)
    {
        var started = Stopwatch.GetTimestamp();
        using var pause = new PeriodicTimer(Pause);
        while (await unmet().ConfigureAwait(false) is { } reason)
        {
            if (Stopwatch.GetElapsedTime(started) > timeout)
                throw new TimeoutException($"Not within {timeout.TotalSeconds:0.#} s: {condition}. Last seen: {reason}");
            await pause.WaitForNextTickAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Waits until the wall clock passes a time, for rules that are about the wall clock.</summary>
    public static Task ClockPassesAsync(long unixNanoseconds) =>
        HoldsAsync(
            $"the clock passes {unixNanoseconds}",
            TimeSpan.FromSeconds(60),
            () => Task.FromResult(WallClock.NowNs >= unixNanoseconds ? null : $"{WallClock.NowNs}"));
}
