using Tikr.Core.Rollup;

namespace Tikr.Storage;

/// <summary>
/// What waits to be published, by outbox partition. Entries are written by the store together with what they tell of (a bar, a flush), and
/// are deleted by their ids once they are sent. An outbox partition has one sender at a time, by lease.
/// </summary>
public interface IOutbox
{
    /// <summary>
    /// Time before which entries are given up: bars of that time have been deleted, durably. The clock alone gives up none.
    /// </summary>
    long ExpiredBeforeNs { get; }

    /// <summary>Whether other processes may add entries to the outbox partitions that this one sends, so that it has to look.</summary>
    bool IsShared { get; }

    /// <summary>
    /// Entries of an outbox partition with ids above <paramref name="afterId"/>, by id. Ids become visible in no particular order where
    /// several processes write: whoever goes on from an id has to come back to the beginning.
    /// </summary>
    IAsyncEnumerable<OutboxEntry> ReadAsync(int partition, ulong afterId, CancellationToken cancellation);

    /// <summary>Deletes sent entries by their ids.</summary>
    ValueTask DeleteAsync(int partition, IReadOnlyList<ulong> ids, CancellationToken cancellation);

    /// <summary>How much waits in an outbox partition. Exact where the process is alone, else as of now.</summary>
    ValueTask<OutboxSize> MeasureAsync(int partition, CancellationToken cancellation);

    /// <summary>The outbox partitions that hold entries.</summary>
    ValueTask<IReadOnlyList<int>> ListPartitionsAsync(CancellationToken cancellation);

    /// <summary>
    /// Takes or renews leases on outbox partitions, and returns those held now. They are shared evenly by all owners that ask, so one held
    /// before may be given up. They end when the incarnation is sealed; those of one without a silo, which never is, after
    /// <paramref name="lease"/> by the store's clock. A null list releases all.
    /// </summary>
    /// <exception cref="StoreSealedException">The incarnation of this process is sealed.</exception>
    ValueTask<IReadOnlyList<int>> HoldAsync(string owner, IReadOnlyList<int>? wanted, TimeSpan lease, CancellationToken cancellation);
}

/// <summary>How much waits in an outbox partition.</summary>
/// <param name="Entries">Entries.</param>
/// <param name="Bytes">Their keys and values.</param>
public readonly record struct OutboxSize(long Entries, long Bytes);

/// <summary>Something waiting to be published: a bar, or late ticks.</summary>
/// <param name="Id">Ascending id within the outbox partition; becomes visible in no particular order where several processes write.</param>
/// <param name="Series">The series.</param>
/// <param name="KeyId">The key.</param>
/// <param name="Bar">The bar as it was stored; null for late ticks.</param>
public sealed record OutboxEntry(ulong Id, Series Series, uint KeyId, Bar? Bar)
{
    /// <summary>Late ticks to route; null for a bar.</summary>
    public RoutedTicks? Routed { get; init; }
}

/// <summary>Late ticks of one key.</summary>
/// <param name="TimeNs">Their greatest event time, Unix nanoseconds.</param>
/// <param name="Request">A tikr.v1 IngestRequest of them, encoded.</param>
public sealed record RoutedTicks(long TimeNs, byte[] Request);
