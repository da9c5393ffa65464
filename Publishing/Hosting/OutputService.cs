using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tikr.Core.Specs;
using Tikr.Publishing.Kafka;
using Tikr.Publishing.Metrics;
using Tikr.Storage;

namespace Tikr.Publishing.Hosting;

/// <summary>
/// Runs the output: waits for the store, then looks after leases, status and spool once a second. It starts and stops without Kafka.
/// </summary>
internal sealed class OutputService(
    SeriesDirectory directory, OutputRunner runner, LeaseKeeper leases, OutputStatus status, OutputMetrics metrics, KafkaClients clients,
    TopicKeeper topics, KafkaOutputOptions options, TimeProvider time, ILogger<OutputService> logger) : IHostedService, IAsyncDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    private readonly CancellationTokenSource _stop = new();
    private Task _loop = Task.CompletedTask, _topics = Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        // Settings that the client does not know stop the start, not a task in the background.
        foreach (var policy in Enum.GetValues<FailurePolicy>()) clients.SinkOf(policy);
        _loop = Task.Run(RunAsync, CancellationToken.None);
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_stop.IsCancellationRequested) return;
        await _stop.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
        await _topics.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await runner.StopAsync().ConfigureAwait(false);
        await clients.DisposeAsync().ConfigureAwait(false);
        await leases.ReleaseAsync().ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None).ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            await directory.Opened.WaitAsync(_stop.Token).ConfigureAwait(false);
            Open();
            using var timer = new PeriodicTimer(Period, time);
            do
            {
                await LookAfterAsync().ConfigureAwait(false);
            }
            while (await timer.WaitForNextTickAsync(_stop.Token).ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }

    private void Open()
    {
        directory.Watch(runner);
        metrics.Show(status.Depths, status.OldestAges);
        Log.Publishing(logger, runner.Current.Outputs.Count, options.Brokers, options.OutboxPartitions);
        _topics = Task.Run(() => topics.RunAsync(_stop.Token), CancellationToken.None);
    }

    private async Task LookAfterAsync()
    {
        try
        {
            await leases.RenewAsync(Period, _stop.Token).ConfigureAwait(false);
            await status.UpdateAsync(_stop.Token).ConfigureAwait(false);
            runner.TrimSpool();
        }
        catch (Exception error) when (error is not (OutOfMemoryException or OperationCanceledException))
        {
            Log.LeasesFailed(logger, Period.TotalSeconds, error);
        }
    }
}
