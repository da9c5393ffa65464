using Tikr.Publishing.Records;
using Tikr.Publishing.Sending;
using Tikr.Storage;

namespace Tikr.Publishing.Hosting;

/// <summary>Takes stored bars to their senders, if they are here; other silos find them in the outbox.</summary>
internal sealed class BarFeed : IBarFeed
{
    private volatile OutputSet _set = OutputSet.Empty;

    /// <summary>Called after bars were offered.</summary>
    public Action? Offered { get; set; }

    /// <summary>What runs now.</summary>
    public OutputSet Set
    {
        get => _set;
        set => _set = value;
    }

    public void Stored(IReadOnlyList<BarWrite> writes, ReadOnlySpan<BarWriteResult> results)
    {
        var set = _set;
        var (lastPartition, sender) = (-1, (PartitionSender?)null);
        var (lastSeries, dropper) = (0, (DropSender?)null);
        for (var i = 0; i < results.Length; i++)
        {
            if (results[i].Outcome != BarWriteOutcome.Stored) continue;
            var write = writes[i];
            if (write.OutboxPartition >= 0)
            {
                if (write.OutboxPartition != lastPartition)
                {
                    lastPartition = write.OutboxPartition;
                    sender = set.Senders.GetValueOrDefault(lastPartition);
                }

                sender?.Offer(new WaitingEntry(results[i].OutboxId, write.KeyId, results[i].Current, null));
            }
            else if (set.Droppers.Count > 0)
            {
                if (write.Series.SeriesId != lastSeries)
                {
                    lastSeries = write.Series.SeriesId;
                    dropper = set.Droppers.GetValueOrDefault(write.Series.SeriesId);
                }

                dropper?.Offer(new WaitingEntry(0, write.KeyId, results[i].Current, null));
            }
        }

        foreach (var each in set.Senders.Values) each.NudgeIfOffered();
        foreach (var each in set.Droppers.Values) each.Nudge();
        Offered?.Invoke();
    }

    public void FateUnknown()
    {
        foreach (var sender in _set.Senders.Values) sender.LookForMissed();
    }
}
