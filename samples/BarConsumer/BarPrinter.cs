using System.Globalization;
using Microsoft.Extensions.Hosting;
using Orleans.Streams;
using Tikr.Streaming.Bars;

namespace Tikr.Samples.BarConsumer;

/// <summary>Subscribes explicitly, to the stream of every partition, prints each bar, and every few seconds what the grains hold.</summary>
internal sealed class BarPrinter(IClusterClient cluster, Partitions partitions) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var provider = cluster.GetStreamProvider(BarStreams.Provider);
        var subscriptions = new List<StreamSubscriptionHandle<Bar>>();
        for (var partition = 0; partition < partitions.Count; partition++)
        {
            var stream = provider.GetStream<Bar>(StreamId.Create(BarStreams.Namespace, partition.ToString(CultureInfo.InvariantCulture)));
            subscriptions.Add(await stream.SubscribeAsync((bar, _) => PrintAsync(bar)).ConfigureAwait(false));
        }

        Console.WriteLine($"Subscribed to {partitions.Count} partitions.");
        try
        {
            using var timer = new PeriodicTimer(Pause);
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false)) await PrintHeldAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            foreach (var subscription in subscriptions) await subscription.UnsubscribeAsync().ConfigureAwait(false);
        }
    }

    private static Task PrintAsync(Bar bar)
    {
        var time = DateTimeOffset.FromUnixTimeMilliseconds(bar.BucketStart / 1_000_000);
        var metrics = string.Join(' ', bar.Metrics.Select(metric => $"{metric.Key}={metric.Value}"));
        Console.WriteLine(
            $"{time:HH:mm:ss.fff} {bar.Series} {bar.Key} {metrics}{(bar.Revision == 0 ? "" : $" (revision {bar.Revision})")}");
        return Task.CompletedTask;
    }

    private async Task PrintHeldAsync()
    {
        var keys = 0;
        for (var partition = 0; partition < partitions.Count; partition++)
        {
            var held = await cluster.GetGrain<ILatestBarsGrain>(partition.ToString(CultureInfo.InvariantCulture))
                .GetAsync().ConfigureAwait(false);
            keys += held.Length;
        }

        Console.WriteLine($"Grains hold the latest bars of {keys} keys.");
    }
}
