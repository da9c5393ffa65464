using System.Collections.Frozen;
using Microsoft.Extensions.Logging;
using Tikr.Core.Rollup;
using Tikr.Core.Specs;
using Tikr.Publishing.Kafka;
using Tikr.Publishing.Metrics;
using Tikr.Publishing.Records;
using Tikr.Publishing.Sending;
using Tikr.Storage;

namespace Tikr.Publishing.Hosting;

/// <summary>
/// Owns the outputs and their senders. Outputs follow the configured series; <see cref="OutputService"/> alone says which outbox partitions
/// are sent, one call after the other. Everybody else looks at <see cref="Current"/>.
/// </summary>
internal sealed class OutputRunner(
    DimensionDirectory dimensions, IOutbox outbox, KafkaClients clients, TopicKeeper topics, SenderStatus status,
    KafkaOutputOptions options, TimeProvider time, ILogger<OutputRunner> logger) : ISeriesObserver
{
    private readonly Lock _changing = new();
    private readonly SenderOptions _sending = new();
    private volatile OutputSet _current = OutputSet.Empty;
    private Task _ended = Task.CompletedTask;
    private bool _isStopped;

    /// <summary>What runs now.</summary>
    public OutputSet Current => _current;

    /// <summary>
    /// A series is configured: makes its output, if it has one, and starts its sender where that needs no outbox partition. The others are
    /// started once their outbox partitions are held.
    /// </summary>
    public void Added(Series series)
    {
        if (series.Model.Spec is not ({ Kafka: not null } or { LateTopic: not null })) return;
        var output = new PublishedSeries(series, dimensions, options.ServiceName);
        lock (_changing)
        {
            if (_isStopped) return;
            var (outputs, directs) = (_current.Outputs.ToDictionary(), _current.DirectSenders.ToDictionary());
            outputs[series.Id] = output;
            if (output is { Policy: FailurePolicy.Drop, Topic.Length: > 0 })
            {
                directs[series.Id] = NewDirectSender(output);
                directs[series.Id].Start();
            }

            _current = new OutputSet(outputs.ToFrozenDictionary(), _current.OutboxSenders, directs.ToFrozenDictionary());
        }

        topics.Want(_current.Topics);
    }

    /// <summary>A series is configured no more: what waits of it in the outbox stays there until it is back.</summary>
    public void Removed(Series series)
    {
        lock (_changing)
        {
            var (outputs, directs) = (_current.Outputs.ToDictionary(), _current.DirectSenders.ToDictionary());
            if (!outputs.Remove(series.Id)) return;
            if (directs.Remove(series.Id, out var direct)) _ended = Task.WhenAll(_ended, direct.DisposeAsync().AsTask());
            _current = new OutputSet(outputs.ToFrozenDictionary(), _current.OutboxSenders, directs.ToFrozenDictionary());
        }

        topics.Want(_current.Topics);
    }

    /// <summary>Sends exactly these outbox partitions from now on: starts the senders that are missing, ends the others.</summary>
    public async Task SendAsync(IReadOnlyCollection<int> partitions)
    {
        List<OutboxSender> gone, fresh;
        lock (_changing)
        {
            // A series may have gone since its outbox partitions were asked for.
            var set = _current;
            var wanted = partitions.Where(partition => set.Outputs.ContainsKey(OutboxPartitions.SeriesOf(partition))).ToHashSet();
            if (wanted.SetEquals(set.OutboxSenders.Keys)) return;
            gone = [.. set.OutboxSenders.Values.Where(sender => !wanted.Contains(sender.OutboxPartition))];
            fresh = [.. wanted.Where(one => !set.OutboxSenders.ContainsKey(one)).Select(partition => NewSender(set, partition))];
            _current = set with
            {
                OutboxSenders = set.OutboxSenders.Values.Except(gone).Concat(fresh).ToFrozenDictionary(sender => sender.OutboxPartition),
            };
        }

        foreach (var sender in fresh) sender.Start();
        foreach (var sender in gone) await sender.DisposeAsync().ConfigureAwait(false);
        if (outbox.IsShared) Log.PartitionsHeld(logger, string.Join(", ", partitions));
    }

    /// <summary>Over its bound the spool loses its oldest entries, from every outbox partition in proportion to what waits there.</summary>
    public void TrimSpool()
    {
        var spooling = _current.OutboxSenders.Values.Where(sender => sender.Output.Policy != FailurePolicy.Block).ToList();
        var bytes = spooling.Sum(sender => sender.DepthBytes);
        if (bytes <= options.SpoolMaxBytes) return;
        var excess = 1 - (0.95 * options.SpoolMaxBytes / bytes);
        foreach (var sender in spooling) sender.RequestTrim((long)(sender.Depth * excess));
    }

    /// <summary>Ends every sender; what is in the outbox stays there.</summary>
    public async Task StopAsync()
    {
        OutputSet set;
        lock (_changing)
        {
            set = _current;
            _current = OutputSet.Empty;
            _isStopped = true;
        }

        await Task.WhenAll(set.OutboxSenders.Values.Select(sender => sender.DisposeAsync().AsTask())).ConfigureAwait(false);
        foreach (var direct in set.DirectSenders.Values) await direct.DisposeAsync().ConfigureAwait(false);
        await _ended.ConfigureAwait(false);
    }

    private DirectSender NewDirectSender(PublishedSeries output) =>
        new(output, clients.SinkOf(FailurePolicy.Drop), topics, options.DropAfter, status, time, logger);

    private OutboxSender NewSender(OutputSet set, int partition)
    {
        var output = set.Outputs[OutboxPartitions.SeriesOf(partition)];

        // Late ticks spool whatever the policy for bars.
        var policy = output.Policy == FailurePolicy.Drop ? FailurePolicy.Spool : output.Policy;
        return new OutboxSender(partition, output, outbox, clients.SinkOf(policy), topics, status, _sending, time, logger);
    }
}
