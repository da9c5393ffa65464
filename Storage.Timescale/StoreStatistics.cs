using Tikr.Storage.Timescale.Catalog;

namespace Tikr.Storage.Timescale;

/// <summary>Sizes and counts for metrics and /debug/store, as of the last check of the limits.</summary>
internal sealed class StoreStatistics(TimescaleDatabase database, SeriesRegistry registry) : IStoreStatistics
{
    private volatile IReadOnlyDictionary<string, long> _last = new SortedDictionary<string, long>(StringComparer.Ordinal)
    {
        ["ticks_bytes"] = 0,
        ["bars_bytes"] = 0,
        ["meta_bytes"] = 0,
        ["keys"] = 0,
        ["manifests"] = 0,
        ["outbox_estimate"] = 0,
    };

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, long> Read() => _last;

    /// <summary>Brings the counts up to date.</summary>
    public async Task RefreshAsync(long ticksBytes, long barsBytes, CancellationToken cancellation)
    {
        string[] small = ["state", "series", "dimensions", "fields", "metrics", "bar_tables",
            "flush_ledger", "incarnations", "epochs", "manifests", "tick_sizes", "chunks",
            "outbox", "outbox_senders", "outbox_leases", "leases"];
        string[] meta = [.. small.Select(name => $"{database.Schema}.{name}"), .. registry.All.Select(series => series.Keys.Table)];
        var rows = await database.WriteAsync("measure itself", (connection, stop) => connection.Command($"""
            SELECT (SELECT sum(pg_total_relation_size(t::regclass))::bigint FROM unnest($1::text[]) AS t),
                (SELECT coalesce(sum(key_count), 0)::bigint FROM {database.Schema}.series),
                (SELECT count(*) FROM {database.Schema}.manifests),
                (SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = '{database.Schema}.outbox'::regclass)
            """).With(meta).ListAsync(
                r => (Meta: r.GetInt64(0), Keys: r.GetInt64(1), Manifests: r.GetInt64(2), Outbox: r.GetInt64(3)), stop), cancellation)
            .ConfigureAwait(false);
        var row = rows[0];
        _last = new SortedDictionary<string, long>(StringComparer.Ordinal)
        {
            ["ticks_bytes"] = ticksBytes,
            ["bars_bytes"] = barsBytes,
            ["meta_bytes"] = row.Meta,
            ["keys"] = row.Keys,
            ["manifests"] = row.Manifests,
            ["outbox_estimate"] = row.Outbox,
        };
    }
}
