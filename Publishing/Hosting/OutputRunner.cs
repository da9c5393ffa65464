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
/// Owns the outputs and their senders. <see cref="OutputService"/> alone changes what runs, one call after the other; everybody else looks
/// at <see cref="Current"/>.
/// </summary>
internal sealed class OutputRunner(
    DimensionDirectory dimensions, IOutbox outbox, KafkaClients clients, TopicKeeper topics, SenderStatus status,
    KafkaOutputOptions options, TimeProvider time, ILogger<OutputRunner> logger)
{
    private readonly SenderOptions _sending = new();
    private volatile OutputSet _current = OutputSet.Empty;

    /// <summary>What runs now.</summary>
    public OutputSet Current => _current;

    /// <summary>Makes the outputs of the series that have one, and starts the senders that need no outbox partition.</summary>
    public void Open(IEnumerable<Series> series)
    {
        var outputs = series.Where(each => each.Model.Spec is { Kafka: not null } or { LateTopic: not null })
            .ToFrozenDictionary(each => each.Id, each => new PublishedSeries(each, dimensions, options.ServiceName));
        var directSenders = outputs.Values.Where(output => output is { Policy: FailurePolicy.Drop, Topic.Length: > 0 })
            .ToFrozenDictionary(output => output.Series.Id, NewDirectSender);
        _current = new OutputSet(outputs, FrozenDictionary<int, OutboxSender>.Empty, directSenders);
        foreach (var direct in directSenders.Values) direct.Start();
    }

    /// <summary>Sends exactly these outbox partitions from now on: starts the senders that are missing, ends the others.</summary>
    public async Task SendAsync(IReadOnlyCollection<int> partitions)
    {
        var set = _current;
        if (partitions.Count == set.OutboxSenders.Count && partitions.All(set.OutboxSenders.ContainsKey)) return;
        var gone = set.OutboxSenders.Values.Where(sender => !partitions.Contains(sender.OutboxPartition)).ToList();
        var fresh = partitions.Where(partition => !set.OutboxSenders.ContainsKey(partition))
            .Select(partition => NewSender(set, partition)).ToList();
        _current = set with
        {
            OutboxSenders = set.OutboxSenders.Values.Except(gone).Concat(fresh).ToFrozenDictionary(sender => sender.OutboxPartition),
        };
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
        var set = _current;
        _current = OutputSet.Empty;
        await Task.WhenAll(set.OutboxSenders.Values.Select(sender => sender.DisposeAsync().AsTask())).ConfigureAwait(false);
        foreach (var direct in set.DirectSenders.Values) await direct.DisposeAsync().ConfigureAwait(false);
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
