using System.Collections.Frozen;
using System.Globalization;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tikr.Core.Specs;
using Tikr.Core.Time;
using Tikr.Publishing.Kafka;
using Tikr.Publishing.Metrics;
using Tikr.Publishing.Records;
using Tikr.Publishing.Sending;
using Tikr.Storage;

namespace Tikr.Publishing.Hosting;

/// <summary>
/// Runs the senders: waits for the store, shares the partitions with other silos, keeps the spool in its bounds. It starts and stops
/// without Kafka.
/// </summary>
internal sealed class OutputService(
    SeriesDirectory directory, IKeyStore keys, IBarStore bars, IOutbox outbox,
        BarFeed feed, KafkaClients clients, TopicKeeper topics, OutputReport report,
    OutputState state, KafkaOutputOptions options, TimeProvider time, ILogger<OutputService> logger) : IHostedService, IAsyncDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1), StopTime = TimeSpan.FromSeconds(3);
    private readonly string _owner = string.Create(
        CultureInfo.InvariantCulture, $"{Environment.MachineName}/{Environment.ProcessId}/{Guid.NewGuid():N}");
    private readonly CancellationTokenSource _stop = new();
    private readonly SenderOptions _sending = new() { TimeToLive = bars.BarsTtl };
    private Task _loop = Task.CompletedTask, _topics = Task.CompletedTask;
    private long _renewAt, _heldUntil;

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
        var set = feed.Set;
        feed.Set = OutputSet.Empty;
        await Task.WhenAll(set.Senders.Values.Select(sender => sender.DisposeAsync().AsTask())).ConfigureAwait(false);
        foreach (var dropper in set.Droppers.Values) await dropper.DisposeAsync().ConfigureAwait(false);
        await clients.DisposeAsync().ConfigureAwait(false);
        await LetGoAsync().ConfigureAwait(false);
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

    private async Task LookAfterAsync()
    {
        try
        {
            await RenewAsync(time.GetUnixNanoseconds()).ConfigureAwait(false);
            await state.UpdateAsync(feed.Set, _stop.Token).ConfigureAwait(false);
            TrimSpool();
        }
        catch (Exception error) when (error is not (OutOfMemoryException or OperationCanceledException))
        {
            Log.LeasesFailed(logger, Period.TotalSeconds, error);
        }
    }

    private void Open()
    {
        var outputs = directory.All.Where(series => series.Plan.Spec is { Kafka: not null } or { LateTopic: not null })
            .ToFrozenDictionary(series => series.SeriesId, series => new SeriesOutput(series, keys, options.ServiceName));
        var droppers = outputs.Values.Where(output => output is { Policy: FailurePolicy.Drop, Topic.Length: > 0 })
            .ToFrozenDictionary(output => output.Series.SeriesId,
                output => new DropSender(output, clients.SinkOf(FailurePolicy.Drop), topics, options.DropAfter, report, time, logger));
        feed.Set = new OutputSet(outputs, FrozenDictionary<int, PartitionSender>.Empty, droppers);
        foreach (var dropper in droppers.Values) dropper.Start();
        feed.Offered = state.Hold;
        report.Metrics.Show(state.Depths, state.OldestAges);
        Log.Publishing(logger, outputs.Count, options.Brokers, options.OutboxPartitions);
        if (outputs.Count > 0) _topics = Task.Run(() => topics.RunAsync(feed.Set.Topics, _stop.Token), CancellationToken.None);
    }

    private async Task RenewAsync(long now)
    {
        if (now < _renewAt) return;
        var lease = options.Lease.ToNanoseconds();
        try
        {
            var waiting = await outbox.ListPartitionsAsync(_stop.Token).ConfigureAwait(false);
            var held = await outbox.HoldAsync(_owner, Wanted(waiting), options.Lease, _stop.Token).ConfigureAwait(false);
            (_renewAt, _heldUntil) = (now + (lease / 5), now + lease);
            await RunSendersAsync(held).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not (OutOfMemoryException or OperationCanceledException))
        {
            Log.LeasesFailed(logger, Period.TotalSeconds, error);

            // A lease that ran out may be another silo's by now.
            if (outbox.IsShared && now >= _heldUntil) await RunSendersAsync([]).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Partitions of the configured series. Where a series has entries in partitions of another count, from before it was changed, those go
    /// first: so no key's later bars overtake its earlier ones.
    /// </summary>
    private List<int> Wanted(IReadOnlyList<int> waiting)
    {
        var set = feed.Set;
        var earlier = waiting.Where(partition => set.Outputs.ContainsKey(OutboxPartitions.SeriesOf(partition)) && CanBeSent(set, partition)
            && (OutboxPartitions.CountOf(partition) != options.OutboxPartitions
                || !set.Partitions(options.OutboxPartitions).Contains(partition))).ToList();
        var kinds = earlier.Select(KindOf).ToHashSet();
        return [.. set.Partitions(options.OutboxPartitions).Where(partition => !kinds.Contains(KindOf(partition))), .. earlier];
    }

    private static bool CanBeSent(OutputSet set, int partition)
    {
        var output = set.Outputs[OutboxPartitions.SeriesOf(partition)];
        return (OutboxPartitions.IsLate(partition) ? output.LateTopic : output.Topic).Length > 0;
    }

    private static (ushort, bool) KindOf(int partition) => (OutboxPartitions.SeriesOf(partition), OutboxPartitions.IsLate(partition));

    private async Task RunSendersAsync(IReadOnlyList<int> held)
    {
        var set = feed.Set;
        if (held.Count == set.Senders.Count && held.All(set.Senders.ContainsKey)) return;
        var kept = set.Senders.Where(sender => held.Contains(sender.Key)).ToList();
        var gone = set.Senders.Where(sender => !held.Contains(sender.Key)).Select(sender => sender.Value).ToList();
        var fresh = held.Where(partition => !set.Senders.ContainsKey(partition)).Select(partition => NewSender(set, partition)).ToList();
        feed.Set = set with
        {
            Senders = kept.Concat(fresh.Select(sender => KeyValuePair.Create(sender.Partition, sender)))
            .ToFrozenDictionary()
        };
        foreach (var sender in fresh) sender.Start();
        foreach (var sender in gone) await sender.DisposeAsync().ConfigureAwait(false);
        if (outbox.IsShared) Log.PartitionsHeld(logger, string.Join(", ", held));
    }

    private PartitionSender NewSender(OutputSet set, int partition)
    {
        var output = set.Outputs[OutboxPartitions.SeriesOf(partition)];
        var policy = output.Policy == FailurePolicy.Drop ? FailurePolicy.Spool : output.Policy;
        return new PartitionSender(partition, output, outbox, clients.SinkOf(policy), topics, report, _sending, time, logger);
    }

    /// <summary>Over its bound the spool loses its oldest entries, from every partition as much as it is behind.</summary>
    private void TrimSpool()
    {
        var spooling = feed.Set.Senders.Values.Where(sender => sender.Output.Policy != FailurePolicy.Block).ToList();
        var bytes = spooling.Sum(sender => sender.DepthBytes);
        if (bytes <= options.SpoolMaxBytes) return;
        var excess = 1 - (0.95 * options.SpoolMaxBytes / bytes);
        foreach (var sender in spooling) sender.RequestTrim((long)(sender.Depth * excess));
    }

    private async Task LetGoAsync()
    {
        try
        {
            using var bounded = new CancellationTokenSource(StopTime, time);
            await outbox.HoldAsync(_owner, null, options.Lease, bounded.Token).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            // The leases run out by themselves.
        }
    }
}
