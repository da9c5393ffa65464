namespace Tikr.Storage.RocksDb;

/// <summary>Sizes and counts for metrics and /debug/store.</summary>
internal sealed class StoreStatistics(RocksDbDatabase database, TickEviction ticks, BarEviction bars, KeyTable keys, ManifestLog manifests)
    : IStoreStatistics
{
    private const string FileBytes = "rocksdb.live-sst-files-size",
        MemoryBytes = "rocksdb.cur-size-all-mem-tables", Entries = "rocksdb.estimate-num-keys";

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, long> Read() => new SortedDictionary<string, long>(StringComparer.Ordinal)
    {
        ["ticks_bytes"] = ticks.LiveBytes,
        ["bars_bytes"] = bars.Bytes,
        ["meta_bytes"] = Sum(FileBytes, Family.Meta, Family.Flushes, Family.Outbox),
        ["ticks_file_bytes"] = database.Property(Family.Ticks, FileBytes),
        ["bars_file_bytes"] = database.Property(Family.Bars, FileBytes),
        ["write_buffer_bytes"] = Sum(MemoryBytes, Enum.GetValues<Family>()),
        ["block_cache_bytes"] = database.CacheBytes,
        ["tick_blocks_estimate"] = database.Property(Family.Ticks, Entries),
        ["bars_estimate"] = database.Property(Family.Bars, Entries),
        ["outbox_estimate"] = database.Property(Family.Outbox, Entries),
        ["keys"] = keys.Count,
        ["manifests"] = manifests.Count,
        ["open_reads"] = database.Leases.Open,
    };

    private long Sum(string property, params ReadOnlySpan<Family> families)
    {
        long sum = 0;
        foreach (var family in families) sum += database.Property(family, property);
        return sum;
    }
}
