using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Tikr.Core.Time;
using Tikr.Publishing.Kafka;
using Tikr.Publishing.Metrics;
using Tikr.Publishing.Sending;
using Tikr.Storage;

namespace Tikr.Publishing.Hosting;

/// <summary>How publishing is doing: what waits, whether that is too much, and what to tell people.</summary>
internal sealed class OutputState(
    IOutbox outbox, BarFeed feed, TopicKeeper topics, OutputMetrics metrics,
        KafkaOutputOptions options, TimeProvider time, ILogger<OutputState> logger) : IOutputState
{
    private static readonly long StallNs = TimeSpan.FromSeconds(5).ToNanoseconds(), FullNs = TimeSpan.FromMinutes(1).ToNanoseconds();
    private readonly ConcurrentDictionary<ushort, TaskCompletionSource> _held = new();
    private readonly ConcurrentDictionary<ushort, long> _elsewhere = new();
    private long _droppedBefore, _fullAtNs, _measureAtNs;

    /// <inheritdoc/>
    public string? DegradedReason
    {
        get
        {
            var now = time.GetUnixNanoseconds();
            var set = feed.Set;
            List<string> reasons = [];
            foreach (var sender in set.Senders.Values.Where(sender => IsStalled(sender, now)).GroupBy(sender => sender.Topic))
            {
                var cause = sender.Select(each => each.Trouble?.Reason)
                    .FirstOrDefault(reason => reason is not null) ?? "the brokers do not answer";
                reasons.Add(string.Create(
                    CultureInfo.InvariantCulture, $"topic {sender.Key}: {sender.Sum(each => each.Depth)} records wait: {cause}"));
            }

            if (topics.Trouble is { } trouble) reasons.Add(trouble);
            if (_fullAtNs > 0 && now - _fullAtNs < FullNs)
                reasons.Add("the spool is full (kafka.spool.max_size_gb): its oldest records are dropped");
            foreach (var seriesId in _held.Keys)
                reasons.Add($"ingest of series {set.Outputs[seriesId].Name} is held up (on_failure: block)");
            return reasons.Count == 0 ? null : $"kafka: {string.Join("; ", reasons)}";
        }
    }

    /// <inheritdoc/>
    public Task RoomAsync(ushort seriesId) => _held.TryGetValue(seriesId, out var room) ? room.Task : Task.CompletedTask;

    public IEnumerable<Measurement<long>> Depths() =>
        feed.Set.Outputs.Values.Select(output => new Measurement<long>(
            feed.Set.DepthOf(output.Series.SeriesId), new KeyValuePair<string, object?>("series", output.Name)));

    public IEnumerable<Measurement<double>> OldestAges()
    {
        var now = time.GetUnixNanoseconds();
        return feed.Set.Senders.Values.GroupBy(sender => sender.Output).Select(series =>
        {
            var oldest = series.Where(sender => sender.OldestNs > 0)
                .Select(sender => sender.OldestNs + sender.Output.Series.Plan.Spec.RollupNs).DefaultIfEmpty(now).Min();
            return new Measurement<double>(Math.Max(0, now - oldest) / 1e9, new KeyValuePair<string, object?>("series", series.Key.Name));
        });
    }

    /// <summary>Looks at everything once: holds ingest up or lets it go on.</summary>
    public async Task UpdateAsync(OutputSet set, CancellationToken cancellation)
    {
        var now = time.GetUnixNanoseconds();
        if (metrics.DroppedAsFull != _droppedBefore) (_droppedBefore, _fullAtNs) = (metrics.DroppedAsFull, now);
        if (outbox.IsShared && now >= _measureAtNs)
        {
            _measureAtNs = now + (2 * 1_000_000_000L);
            foreach (var output in set.Blocking)
                _elsewhere[output.Series.SeriesId] = await MeasureAsync(set, output.Series.SeriesId, cancellation).ConfigureAwait(false);
        }

        Hold();
    }

    /// <summary>
    /// Holds ingest of series up that have too much waiting, and lets it go on where that has gone. Cheap: it is called whenever bars were
    /// stored.
    /// </summary>
    public void Hold()
    {
        var set = feed.Set;
        foreach (var output in set.Blocking)
        {
            var seriesId = output.Series.SeriesId;
            var waiting = set.DepthOf(seriesId) + _elsewhere.GetValueOrDefault(seriesId);
            if (waiting > options.BlockMaxRecords)
            {
                if (_held.TryAdd(seriesId, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)))
                    Log.IngestHeld(logger, output.Name, waiting, options.BlockMaxRecords);
            }
            else if (waiting <= options.BlockMaxRecords * 0.8 && _held.TryRemove(seriesId, out var room))
            {
                Log.IngestGoesOn(logger, output.Name, waiting);
                room.TrySetResult();
            }
        }
    }

    /// <summary>What waits in partitions of a series that other silos send.</summary>
    private async Task<long> MeasureAsync(OutputSet set, ushort seriesId, CancellationToken cancellation)
    {
        try
        {
            long entries = 0;
            foreach (var partition in OutboxPartitions.AllOf(seriesId, options.OutboxPartitions)
                .Where(partition => !set.Senders.ContainsKey(partition)))
                entries += (await outbox.MeasureAsync(partition, cancellation).ConfigureAwait(false)).Entries;
            return entries;
        }
        catch (StoreUnavailableException)
        {
            // Commits fail as well: ingest needs no holding up by us.
            return _elsewhere.GetValueOrDefault(seriesId);
        }
    }

    private static bool IsStalled(PartitionSender sender, long now) =>
        sender.Trouble is not null || (sender.StalledSinceNs > 0 && now - sender.StalledSinceNs > StallNs);
}
