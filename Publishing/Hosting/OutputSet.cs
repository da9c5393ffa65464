using System.Collections.Frozen;
using Tikr.Core.Specs;
using Tikr.Publishing.Records;
using Tikr.Publishing.Sending;
using Tikr.Storage;

namespace Tikr.Publishing.Hosting;

/// <summary>
/// What runs now: the outputs of all series, the senders of the partitions that this process holds, and those of series that do not spool.
/// Replaced as a whole when series or partitions come and go.
/// </summary>
internal sealed record OutputSet(FrozenDictionary<ushort, PublishedSeries> Outputs,
    FrozenDictionary<int, OutboxSender> OutboxSenders, FrozenDictionary<ushort, DirectSender> DirectSenders)
{
    public static OutputSet Empty { get; } = new(FrozenDictionary<ushort, PublishedSeries>.Empty,
        FrozenDictionary<int, OutboxSender>.Empty, FrozenDictionary<ushort, DirectSender>.Empty);

    /// <summary>Partitions that new entries of the configured series go to.</summary>
    public IEnumerable<int> Partitions(int count) => Outputs.Values.SelectMany(output =>
        (output.Topic.Length > 0 && output.Policy != FailurePolicy.Drop ? OutboxPartitions.AllOf(output.Series.Id, count) : [])
        .Concat(output.LateTopic.Length > 0 ? OutboxPartitions.AllLateOf(output.Series.Id, count) : []));

    /// <summary>Series whose ingest waits for their output.</summary>
    public IEnumerable<PublishedSeries> Blocking { get; } =
        [.. Outputs.Values.Where(output => output is { Policy: FailurePolicy.Block, Topic.Length: > 0 })];

    /// <summary>Every topic that records go to.</summary>
    public IEnumerable<string> Topics =>
        Outputs.Values.SelectMany(output => new[] { output.Topic, output.LateTopic }).Where(topic => topic.Length > 0).Distinct();

    /// <summary>Offers stored bars to their senders, those that are here.</summary>
    public void Offer(ReadOnlySpan<StoredBar> bars)
    {
        var (lastPartition, lastSeries) = (-1, -1);
        OutboxSender? sender = null;
        DirectSender? direct = null;
        foreach (ref readonly var stored in bars)
        {
            if (!stored.IsPublished) continue;
            if (stored.OutboxPartition >= 0)
            {
                if (stored.OutboxPartition != lastPartition)
                {
                    lastPartition = stored.OutboxPartition;
                    sender = OutboxSenders.GetValueOrDefault(lastPartition);
                }

                sender?.Offer(new WaitingEntry(stored.OutboxId, stored.KeyId, stored.Bar, null));
            }
            else if (DirectSenders.Count > 0)
            {
                if (stored.Series.Id != lastSeries)
                {
                    lastSeries = stored.Series.Id;
                    direct = DirectSenders.GetValueOrDefault(stored.Series.Id);
                }

                direct?.Offer(new WaitingEntry(0, stored.KeyId, stored.Bar, null));
            }
        }

        foreach (var each in OutboxSenders.Values) each.NudgeIfOffered();
        foreach (var each in DirectSenders.Values) each.Nudge();
    }

    /// <summary>Bars may have been stored that were not offered: every sender looks for them in the outbox.</summary>
    public void LookForMissed()
    {
        foreach (var sender in OutboxSenders.Values) sender.LookForMissed();
    }

    /// <summary>Entries waiting of a series.</summary>
    public long DepthOf(ushort seriesId)
    {
        var depth = DirectSenders.TryGetValue(seriesId, out var direct) ? direct.Depth : 0;
        foreach (var sender in OutboxSenders.Values)
        {
            if (sender.Output.Series.Id == seriesId) depth += sender.Depth;
        }

        return depth;
    }
}
