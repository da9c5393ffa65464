using System.Collections.Frozen;
using Tikr.Core.Specs;
using Tikr.Publishing.Records;
using Tikr.Publishing.Sending;
using Tikr.Storage;

namespace Tikr.Publishing.Hosting;

/// <summary>
/// What runs now: the outputs of all series, the senders of the partitions that this process holds, and those of series that do not spool.
/// Replaced as a whole when partitions come and go.
/// </summary>
internal sealed record OutputSet(FrozenDictionary<ushort, SeriesOutput> Outputs,
    FrozenDictionary<int, PartitionSender> Senders, FrozenDictionary<ushort, DropSender> Droppers)
{
    public static OutputSet Empty { get; } = new(FrozenDictionary<ushort, SeriesOutput>.Empty,
        FrozenDictionary<int, PartitionSender>.Empty, FrozenDictionary<ushort, DropSender>.Empty);

    /// <summary>Partitions that new entries of the configured series go to.</summary>
    public IEnumerable<int> Partitions(int count) => Outputs.Values.SelectMany(output =>
        (output.Topic.Length > 0 && output.Policy != FailurePolicy.Drop ? OutboxPartitions.AllOf(output.Series.SeriesId, count) : [])
        .Concat(output.LateTopic.Length > 0 ? OutboxPartitions.AllLateOf(output.Series.SeriesId, count) : []));

    /// <summary>Series whose ingest waits for their output.</summary>
    public IEnumerable<SeriesOutput> Blocking { get; } =
        [.. Outputs.Values.Where(output => output is { Policy: FailurePolicy.Block, Topic.Length: > 0 })];

    /// <summary>Every topic that records go to.</summary>
    public IEnumerable<string> Topics =>
        Outputs.Values.SelectMany(output => new[] { output.Topic, output.LateTopic }).Where(topic => topic.Length > 0).Distinct();

    /// <summary>Entries waiting of a series.</summary>
    public long DepthOf(ushort seriesId)
    {
        var depth = Droppers.TryGetValue(seriesId, out var dropper) ? dropper.Depth : 0;
        foreach (var sender in Senders.Values)
        {
            if (sender.Output.Series.SeriesId == seriesId) depth += sender.Depth;
        }

        return depth;
    }
}
