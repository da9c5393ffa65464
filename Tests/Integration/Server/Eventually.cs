using System.Diagnostics;

namespace Tikr.Tests.Integration.Server;

/// <summary>Waits for what takes real time: a bar closing on the wall clock. Says what it waited for when it gives up.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(50);

    /// <summary>Asks until the answer satisfies the condition.</summary>
    public static async Task<T> Holds<T>(string what, Func<Task<T>> ask, Func<T, bool> condition)
    {
        using var timer = new PeriodicTimer(Between);
        var watch = Stopwatch.StartNew();
        T answer;
        while (!condition(answer = await ask()))
        {
            if (watch.Elapsed > Patience) Assert.Fail($"{what}: not within {Patience.TotalSeconds} s; the last answer was {answer}");
            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }

        return answer;
    }
}
