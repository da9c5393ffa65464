using System.Diagnostics;
using Tikr.Tests.Support.Processes;

namespace Tikr.Tests.Support;

/// <summary>Waits for a named condition that takes real time: it is asked again until it holds or its time is up.</summary>
public static class Eventually
{
    /// <summary>For conditions that hold within moments on an idle machine.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

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
            await pause.WaitForNextTickAsync(TestContext.Current.CancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Asks until the answer satisfies the condition, and returns it.</summary>
    /// <exception cref="TimeoutException">It did not within <see cref="Patience"/>; the message has the last answer.</exception>
    public static async Task<T> HoldsAsync<T>(string condition, Func<Task<T>> ask, Func<T, bool> holds)
    {
        var answer = default(T)!;
        await HoldsAsync(condition, Patience, async () =>
        {
            answer = await ask().ConfigureAwait(false);
            return holds(answer) ? null : $"{answer}";
        }).ConfigureAwait(false);
        return answer;
    }

    /// <summary>Waits until the wall clock passes a time, for rules that are about the wall clock.</summary>
    public static Task ClockPassesAsync(long unixNanoseconds) =>
        HoldsAsync(
            $"the clock passes {unixNanoseconds}",
            Patience,
            () => Task.FromResult(WallClock.NowNs >= unixNanoseconds ? null : $"{WallClock.NowNs}"));
}
