using RocksDbSharp;

namespace Tikr.Storage.RocksDb;

/// <summary>RocksDB's options for our column families, see docs/storage.md for the measurements behind them.</summary>
internal static class Tuning
{
    /// <summary>Buffers and logs take an eighth of the volume each at most: a full one must go on when little space is freed.</summary>
    private const int PartOfVolume = 8;

    private const long LeastBuffer = 256 << 10, SmallBuffer = 8 << 20;

    /// <summary>Free space from which a store goes on after its disk was full: what is in memory has to be written first.</summary>
    public static long SpaceToGoOn(RocksDbStoreOptions options) => Scaled(options.WriteBufferBytes, DiskSpace.Of(options.DataDir));

    /// <summary>A size for a volume.</summary>
    public static long Scaled(long bytes, DiskSpace? volume) =>
        volume is { } space ? Math.Min(bytes, Math.Max(8 * LeastBuffer, space.TotalBytes / PartOfVolume)) : bytes;

    public static DbOptions Database(RocksDbStoreOptions options, Cache cache, out ColumnFamilies families)
    {
        var volume = DiskSpace.Of(options.DataDir);
        var buffers = Scaled(options.WriteBufferBytes, volume);
        var db = new DbOptions()
            .SetCreateIfMissing(true)
            .SetCreateMissingColumnFamilies(true)
            .SetMaxTotalWalSize((ulong)Scaled(options.MaxLogBytes, volume))
            .SetDbWriteBufferSize((ulong)buffers)
            .SetMaxOpenFiles(OpenFiles.Tables(OpenFiles.Limit))
            .SetBytesPerSync(1 << 20)
            .SetInfoLogLevel(InfoLogLevel.Warn)
            .SetKeepLogFileNum(4)
            .SetMaxLogFileSize(8 << 20)
            .SetStatsDumpPeriodSec(0)
            .SkipStatsUpdateOnOpen(true)

            // Our own inspection cuts a torn tail before RocksDB opens the logs; anything it finds beyond that must not pass in silence.
            .SetWalRecoveryMode(options.AcceptDamagedLog ? Recovery.SkipAnyCorruptedRecords : Recovery.AbsoluteConsistency);

        // One flush beside two compactions: on two cores more threads only take turns with ingest.
        Native.Instance.rocksdb_options_set_max_background_jobs(db.Handle, 3);
        families = new ColumnFamilies(Small(buffers, cache))
        {
            { ColumnFamilySet.TicksName, Ticks(buffers, cache) },
            { ColumnFamilySet.BarsName, Bars(buffers, cache) },
            { ColumnFamilySet.MetaName, Small(buffers, cache) },
            { ColumnFamilySet.FlushesName, Small(buffers, cache) },
            { ColumnFamilySet.OutboxName, Small(buffers, cache) },
        };
        return db;
    }

    /// <summary>
    /// Blocks are packed already and arrive in the order of time: no compression, and few, large compactions out of level 0, each of
    /// several slices, so that little of level 1 has to be written again; from there on files only move.
    /// </summary>
    private static ColumnFamilyOptions Ticks(long buffers, Cache cache) => new ColumnFamilyOptions()
        .SetBlockBasedTableFactory(Table(cache).SetBlockSize(16 << 10))
        .SetCompression(Compression.No)
        .SetWriteBufferSize((ulong)Math.Min(64L << 20, buffers / 2))
        .SetMaxWriteBufferNumber(4)
        .SetLevel0FileNumCompactionTrigger(16)
        .SetLevel0SlowdownWritesTrigger(48)
        .SetLevel0StopWritesTrigger(64)
        .SetTargetFileSizeBase(64 << 20)
        .SetMaxBytesForLevelBase(1L << 30)
        .SetLevelCompactionDynamicLevelBytes(false);

    /// <summary>
    /// Bars are looked up one by one at each write (compare-and-set): bloom filters, in memory too, answer for those not stored yet.
    /// </summary>
    private static ColumnFamilyOptions Bars(long buffers, Cache cache)
    {
        var bars = BarFamily(buffers, cache);
        Native.Instance.rocksdb_options_set_memtable_prefix_bloom_size_ratio(bars.Handle, 0.05);
        Native.Instance.rocksdb_options_set_memtable_whole_key_filtering(bars.Handle, 1);
        return bars;
    }

    private static ColumnFamilyOptions BarFamily(long buffers, Cache cache) => new ColumnFamilyOptions()
        .SetBlockBasedTableFactory(Partitioned(Table(cache).SetBlockSize(16 << 10).SetFilterPolicy(BloomFilterPolicy.Create(10, false))))
        .SetCompression(Compression.Lz4)
        .SetWriteBufferSize((ulong)Math.Min(32L << 20, buffers / 4))
        .SetMaxWriteBufferNumber(3)
        .SetTargetFileSizeBase(32 << 20)
        .SetMaxBytesForLevelBase(128 << 20)
        .SetLevelCompactionDynamicLevelBytes(true);

    private static ColumnFamilyOptions Small(long buffers, Cache cache) => new ColumnFamilyOptions()
        .SetBlockBasedTableFactory(Table(cache).SetBlockSize(8 << 10).SetFilterPolicy(BloomFilterPolicy.Create(10, false)))
        .SetCompression(Compression.Lz4)
        .SetWriteBufferSize((ulong)Math.Clamp(buffers / 8, LeastBuffer, SmallBuffer))
        .SetMaxWriteBufferNumber(3)
        .SetTargetFileSizeBase(16 << 20)
        .SetMaxBytesForLevelBase(64 << 20)
        .SetLevelCompactionDynamicLevelBytes(true);

    // One filter for a file of 300,000 bars has 400 kB: read as a whole for one lookup whenever queries have pushed it out of the cache.
    private static BlockBasedTableOptions Partitioned(BlockBasedTableOptions table)
    {
        const int TwoLevelIndex = 2;
        Native.Instance.rocksdb_block_based_options_set_index_type(table.Handle, (BlockBasedTableIndexType)TwoLevelIndex);
        Native.Instance.rocksdb_block_based_options_set_partition_filters(table.Handle, 1);
        Native.Instance.rocksdb_block_based_options_set_metadata_block_size(table.Handle, 4 << 10);
        Native.Instance.rocksdb_block_based_options_set_cache_index_and_filter_blocks_with_high_priority(table.Handle, 1);
        Native.Instance.rocksdb_block_based_options_set_pin_top_level_index_and_filter(table.Handle, 1);
        return table;
    }

    private static BlockBasedTableOptions Table(Cache cache) => new BlockBasedTableOptions()
        .SetBlockCache(cache)
        .SetFormatVersion(5)
        .SetCacheIndexAndFilterBlocks(true)
        .SetPinL0FilterAndIndexBlocksInCache(true);
}
