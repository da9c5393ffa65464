using Tikr.Core.Rollup;
using Tikr.Core.Specs;
using Tikr.Storage;

namespace Tikr.Grains.Writing;

/// <summary>The outbox partition that a bar is published through.</summary>
internal static class BarOutboxPartition
{
    /// <summary>The partition; -1 for a bar that is not published, or not spooled: those are handed over in memory.</summary>
    public static int Of(Series series, uint keyId, OutboxLayout? outbox) =>
        outbox is null || series.Model.Spec.Kafka is not { OnFailure: not FailurePolicy.Drop }
            ? -1
            : OutboxPartitions.OfBars(series.Id, outbox.PartitionsPerSeries, keyId);
}
