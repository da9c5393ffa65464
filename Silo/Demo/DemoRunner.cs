using Grpc.Net.Client;
using Spectre.Console;
using Tikr.Gateway.Hosting;

namespace Tikr.Silo.Demo;

/// <summary>Runs the demo once the server is ready: feeds it, shows its bars, and sums up at the end.</summary>
internal sealed class DemoRunner(TikrListeners listeners, IHostApplicationLifetime lifetime, TimeProvider time, DemoLength length)
    : BackgroundService
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(250);

    /// <summary>The last bars close a bucket and its grace after the last tick.</summary>
    private static readonly TimeSpan LastBars = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!await StartedAsync(stoppingToken)) return;
        // Streams end when the stop begins, which is earlier than this service is told.
        var stop = lifetime.ApplicationStopping;
        using var channel = GrpcChannel.ForAddress($"http://127.0.0.1:{listeners.GrpcPort}");
        var client = new Contracts.Tikr.TikrClient(channel);
        var (feed, bars) = (new DemoFeed(client, time), new DemoBars(client, time));
        try
        {
            await DemoScreen.For(AnsiConsole.Console, Console.Out).ShowAsync(feed, bars, fresh => RunAsync(feed, bars, fresh, stop));
        }
        catch (Exception) when (stop.IsCancellationRequested)
        {
            // Stopped from outside: what was seen so far is summed up all the same.
        }
        finally
        {
            await Console.Out.WriteLineAsync(
                $"demo: {feed.Sent} ticks sent, {feed.Acknowledged} acknowledged, {feed.Rejected} "
                    + $"rejected; {bars.Count} bars shown, made of {bars.Ticks} ticks");
            lifetime.StopApplication();
        }
    }

    private async Task RunAsync(DemoFeed feed, DemoBars bars, Action<IReadOnlyList<Contracts.BarData>> show, CancellationToken stop)
    {
        var feedTime = length.Seconds is { } seconds ? TimeSpan.FromSeconds(seconds) : Timeout.InfiniteTimeSpan;
        using var ends = new CancellationTokenSource(feedTime, time);
        using var feeding = CancellationTokenSource.CreateLinkedTokenSource(stop, ends.Token);
        var feeder = feed.RunAsync(feeding.Token);
        using var poll = new PeriodicTimer(Poll, time);
        var fedUntil = 0L;
        try
        {
            while (fedUntil == 0 || time.GetElapsedTime(fedUntil) < LastBars)
            {
                await poll.WaitForNextTickAsync(stop);
                show(await bars.PollAsync(stop));
                if (fedUntil != 0 || !feeder.IsCompleted) continue;
                await feeder;
                fedUntil = time.GetTimestamp();
            }
        }
        finally
        {
            // The last stream still hears what became of its ticks.
            await feeder.WaitAsync(LastBars, time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<bool> StartedAsync(CancellationToken stop)
    {
        var started = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var ready = lifetime.ApplicationStarted.Register(() => started.TrySetResult(true));
        await using var stopped = stop.Register(() => started.TrySetResult(false));
        return await started.Task;
    }
}

/// <summary>How long a demo feeds; null until it is stopped.</summary>
internal sealed record DemoLength(int? Seconds);

internal static class DemoServices
{
    /// <summary>Adds the demo to a server.</summary>
    public static void AddDemo(this WebApplicationBuilder builder, int? seconds)
    {
        builder.Services.AddSingleton(new DemoLength(seconds));
        builder.Services.AddHostedService<DemoRunner>();
    }
}
