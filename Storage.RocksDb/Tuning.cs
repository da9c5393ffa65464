using RocksDbSharp;

namespace Tikr.Storage.RocksDb;

/// <summary>RocksDB's options for our column families, see docs/storage.md for the measurements behind them.</summary>
internal static class Tuning
{
    public static DbOptions Database(RocksDbStoreOptions options, Cache cache, out ColumnFamilies families)
    {
        var db = new DbOptions()
            .SetCreateIfMissing(true)
            .SetCreateMissingColumnFamilies(true)
            .SetMaxTotalWalSize((ulong)options.MaxLogBytes)
            .SetDbWriteBufferSize((ulong)options.WriteBufferBytes)
            .SetMaxOpenFiles(1000)
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
        families = new ColumnFamilies(Small(cache))
        {
            { ColumnFamilySet.TicksName, Ticks(options, cache) },
            { ColumnFamilySet.BarsName, Bars(options, cache) },
            { ColumnFamilySet.MetaName, Small(cache) },
            { ColumnFamilySet.FlushesName, Small(cache) },
            { ColumnFamilySet.OutboxName, Small(cache) },
        };
        return db;
    }

    /// <summary>
    /// Blocks are packed already and arrive in the order of time: no compression, and few, large compactions out of level 0, each of
    /// several slices, so that little of level 1 has to be written again; from there on files only move.
    /// </summary>
    private static ColumnFamilyOptions Ticks(RocksDbStoreOptions options, Cache cache)
    {
        var buffer = (ulong)Math.Min(64L << 20, options.WriteBufferBytes / 2);
        return new ColumnFamilyOptions()
            .SetBlockBasedTableFactory(Table(cache).SetBlockSize(16 << 10))
            .SetCompression(Compression.No)
            .SetWriteBufferSize(buffer)
            .SetMaxWriteBufferNumber(4)
            .SetLevel0FileNumCompactionTrigger(16)
            .SetLevel0SlowdownWritesTrigger(48)
            .SetLevel0StopWritesTrigger(64)
            .SetTargetFileSizeBase(64 << 20)
            .SetMaxBytesForLevelBase(1L << 30)
            .SetLevelCompactionDynamicLevelBytes(false);
    }

    /// <summary>
    /// Bars are looked up one by one at each write (compare-and-set): bloom filters, in memory too, answer for those not stored yet.
    /// </summary>
    private static ColumnFamilyOptions Bars(RocksDbStoreOptions options, Cache cache)
    {
        var bars = BarFamily(options, cache);
        Native.Instance.rocksdb_options_set_memtable_prefix_bloom_size_ratio(bars.Handle, 0.05);
        Native.Instance.rocksdb_options_set_memtable_whole_key_filtering(bars.Handle, 1);
        return bars;
    }

    private static ColumnFamilyOptions BarFamily(RocksDbStoreOptions options, Cache cache) => new ColumnFamilyOptions()
        .SetBlockBasedTableFactory(Partitioned(Table(cache).SetBlockSize(16 << 10).SetFilterPolicy(BloomFilterPolicy.Create(10, false))))
        .SetCompression(Compression.Lz4)
        .SetWriteBufferSize((ulong)Math.Min(32L << 20, options.WriteBufferBytes / 4))
        .SetMaxWriteBufferNumber(3)
        .SetTargetFileSizeBase(32 << 20)
        .SetMaxBytesForLevelBase(128 << 20)
        .SetLevelCompactionDynamicLevelBytes(true);

    private static ColumnFamilyOptions Small(Cache cache) => new ColumnFamilyOptions()
        .SetBlockBasedTableFactory(Table(cache).SetBlockSize(8 << 10).SetFilterPolicy(BloomFilterPolicy.Create(10, false)))
        .SetCompression(Compression.Lz4)
        .SetWriteBufferSize(8 << 20)
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
