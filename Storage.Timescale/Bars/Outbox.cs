using System.Runtime.CompilerServices;
using Npgsql;
using Tikr.Storage.Timescale.Catalog;
using Tikr.Storage.Timescale.Incarnations;

namespace Tikr.Storage.Timescale.Bars;

/// <summary>
/// Bars and late ticks waiting to be published, by partition and ascending id. Several silos write to it and share its partitions by lease.
/// </summary>
internal sealed class Outbox(
    TimescaleDatabase database, IncarnationGuard guard, SeriesRegistry registry, StoreState state) : IOutbox
{
    private const int PageRows = 512;
    private readonly OutboxLeases _leases = new(database, guard);

    private string Page { get; } =
        $"SELECT id, series_id, key_id, bucket_ns, bar FROM {database.Schema}.outbox "
            + $"WHERE partition = $1 AND id > $2 ORDER BY id LIMIT {PageRows}";

    /// <inheritdoc/>
    public long ExpiredBeforeNs => state.BarsCutoffNs;

    /// <inheritdoc/>
    public bool IsShared => true;

    /// <summary>Entries on their way into the table, for one transaction at a time.</summary>
    public OutboxRows NewRows() => new(database);

    /// <inheritdoc/>
    public async IAsyncEnumerable<OutboxEntry> ReadAsync(
        int partition, ulong afterId, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var last = (long)afterId;
        List<(long Id, OutboxEntry? Entry)> page;
        do
        {
            page = await database.ReadAsync("read the outbox", (connection, stop) => connection.Command(Page).With(partition).With(last)
                .ListAsync(reader => Read(partition, reader), stop), cancellation).ConfigureAwait(false);
            foreach (var (id, entry) in page)
            {
                if (entry is not null) yield return entry;
                last = id;
            }
        }
        while (page.Count == PageRows);
    }

    /// <inheritdoc/>
    public async ValueTask DeleteAsync(int partition, IReadOnlyList<ulong> ids, CancellationToken cancellation)
    {
        if (ids.Count == 0) return;
        await guard.WriteAsync("delete outbox entries",
            (connection, stop) => connection.Command($"DELETE FROM {database.Schema}.outbox WHERE partition = $1 AND id = ANY ($2)")
            .With(partition).With<long[]>([.. ids.Select(id => (long)id)]).RunAsync(stop), cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<OutboxSize> MeasureAsync(int partition, CancellationToken cancellation)
    {
        var rows = await database.ReadAsync("measure the outbox", (connection, stop) => connection
            .Command($"SELECT count(*), coalesce(sum(length(bar) + 48), 0)::bigint FROM {database.Schema}.outbox WHERE partition = $1")
                .With(partition)
            .ListAsync(reader => new OutboxSize(reader.GetInt64(0), reader.GetInt64(1)), stop), cancellation).ConfigureAwait(false);
        return rows[0];
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<int>> ListPartitionsAsync(CancellationToken cancellation) =>
        await database.ReadAsync("list outbox partitions", (connection, stop) => connection.Command($"""
            WITH RECURSIVE found AS (
                (SELECT partition FROM {database.Schema}.outbox ORDER BY partition LIMIT 1)
                UNION ALL
                SELECT (SELECT o.partition FROM {database.Schema}.outbox AS o
                    WHERE o.partition > found.partition ORDER BY o.partition LIMIT 1)
                FROM found WHERE found.partition IS NOT NULL)
            SELECT partition FROM found WHERE partition IS NOT NULL
            """).ListAsync(reader => reader.GetInt32(0), stop), cancellation).ConfigureAwait(false);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<int>> HoldAsync(
        string owner, IReadOnlyList<int>? wanted, TimeSpan lease, CancellationToken cancellation) =>
        _leases.HoldAsync(owner, wanted, lease, cancellation);

    /// <summary>An entry of a series that is not configured now waits until it is again.</summary>
    private (long, OutboxEntry?) Read(int partition, NpgsqlDataReader reader)
    {
        var (id, keyId, time) = (reader.GetInt64(0), (uint)reader.GetInt64(2), reader.GetInt64(3));
        if (registry.Find((ushort)reader.GetInt32(1)) is not { } series) return (id, null);
        var content = reader.GetFieldValue<byte[]>(4);
        return (id, OutboxPartitions.IsLate(partition)
            ? new OutboxEntry((ulong)id, series.Series, keyId, null) { Routed = new RoutedTicks(time, content) }
            : new OutboxEntry((ulong)id, series.Series, keyId, OutboxCodec.Read(content, series, time)));
    }
}
