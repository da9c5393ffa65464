using System.Diagnostics;
using System.Globalization;

namespace Tikr.LoadGenerator;

/// <summary>
/// Follows a long run: every few seconds one line of what the server does, and every bar of the buckets that have closed since the last.
/// </summary>
internal sealed class Windows(LoadOptions options, Feeds feeds, BarVerifier verifier, VisibleProbe visible, ServerMeter meter)
{
    // Bars are asked for when they should be there; the verifier asks again if the server lags.
    private const long SettleNs = 3_000_000_000;

    /// <summary>All windows together.</summary>
    public Verification Bars { get; private set; } = Verification.None;

    public async Task RunAsync(CancellationToken stop)
    {
        Console.WriteLine("| second | M ticks/s | server CPU s/M | RSS MB | ack p50 ms | ack p99 ms | visible p50 ms | visible p99 ms "
            + "| GC pause | tick MB | file MB | bars exact | wrong | missing | revised |");
        Console.WriteLine("|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(options.WindowSeconds));
        var (began, last, reading, ticks) = (Stopwatch.GetTimestamp(), Stopwatch.GetTimestamp(),
            await meter.ReadAsync(CancellationToken.None).ConfigureAwait(false), feeds.Ticks);
        while (await NextAsync(timer, stop).ConfigureAwait(false))
        {
            var now = await meter.ReadAsync(CancellationToken.None).ConfigureAwait(false);
            var (seconds, sent) = (Stopwatch.GetElapsedTime(last).TotalSeconds, feeds.Ticks);
            last = Stopwatch.GetTimestamp();
            var (acks, delays) = (feeds.Probe.Latencies.Take(), visible.Latencies.Take());
            var bars = await VerifyAsync().ConfigureAwait(false);
            var millions = (sent - ticks) / 1e6;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {Stopwatch.GetElapsedTime(began).TotalSeconds:0} | {millions / seconds:0.00} | "
                    + $"{(now.CpuSeconds - reading.CpuSeconds) / millions:0.00} | {ProcessMeter.ResidentMegabytes(options.ServerPid):0} | "
                    + $"{Latencies.Quantile(acks, 0.5):0.0} | {Latencies.Quantile(acks, 0.99):0.0} | {Latencies.Quantile(delays, 0.5):0} | "
                    + $"{Latencies.Quantile(delays, 0.99):0} | {(now.PauseSeconds - reading.PauseSeconds) / seconds:0.0%} | "
                    + $"{now.TickBytes / 1e6:0} | {now.FileBytes / 1e6:0} | {bars.Exact} | "
                    + $"{bars.Wrong + bars.Unexpected} | {bars.Missing} | {bars.Revised} |"));
            Bars = Bars.Plus(bars);
            (reading, ticks) = (now, sent);
        }
    }

    private async Task<Verification> VerifyAsync()
    {
        var bound = feeds.FoldUntil(((DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100) - SettleNs);
        return await verifier.RunAsync(feeds.TakeBelow(bound, options.Shape), CancellationToken.None).ConfigureAwait(false);
    }

    private static async Task<bool> NextAsync(PeriodicTimer timer, CancellationToken stop)
    {
        try
        {
            return await timer.WaitForNextTickAsync(stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
