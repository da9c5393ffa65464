using Tikr.Core.Rollup;
using Tikr.Storage;

namespace Tikr.Publishing.Records;

/// <summary>A bar or late ticks waiting to be sent.</summary>
/// <param name="Id">Id of the outbox entry; 0 for a bar that is not in the outbox.</param>
/// <param name="KeyId">The key.</param>
/// <param name="Bar">The bar; null for late ticks.</param>
/// <param name="Routed">The late ticks; null for a bar.</param>
internal readonly record struct WaitingEntry(ulong Id, uint KeyId, Bar? Bar, RoutedTicks? Routed)
{
    public static WaitingEntry Of(OutboxEntry entry) => new(entry.Id, entry.KeyId, entry.Bar, entry.Routed);

    /// <summary>Start of the bucket, or the time of late ticks: Unix nanoseconds.</summary>
    public long TimeNs => Bar?.BucketStart ?? Routed!.TimeNs;

    /// <summary>Order in which entries that are at hand together are sent: by bucket, a bar's revisions one after the other.</summary>
    public static readonly Comparison<WaitingEntry> ByTime = static (left, right) =>
    {
        var order = left.TimeNs.CompareTo(right.TimeNs);
        if (order == 0) order = (left.Bar?.Revision ?? 0).CompareTo(right.Bar?.Revision ?? 0);
        return order == 0 ? left.Id.CompareTo(right.Id) : order;
    };
}
