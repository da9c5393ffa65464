using Microsoft.Extensions.Options;

namespace Tikr.Storage.RocksDb;

/// <summary>What an acknowledged commit survives.</summary>
public enum StoreDurability
{
    /// <summary>Death of the process: the commit is in the operating system's cache.</summary>
    Os,

    /// <summary>Loss of power: the commit is synced to the disk.</summary>
    Disk,
}

/// <summary>The embedded store's settings.</summary>
public sealed class RocksDbStoreOptions
{
    /// <summary>Folder of the database; made if absent. One process at a time.</summary>
    public string DataDir { get; set; } = "data";

    /// <summary>What an acknowledged commit survives.</summary>
    public StoreDurability Durability { get; set; } = StoreDurability.Os;

    /// <summary>How long raw ticks are kept, by event time: 1 h to 24 h.</summary>
    public TimeSpan TicksTtl { get; set; } = TimeSpan.FromHours(24);

    /// <summary>How long bars are kept, by bucket start: 1 h to 24 h.</summary>
    public TimeSpan BarsTtl { get; set; } = TimeSpan.FromHours(24);

    /// <summary>Most bytes of raw ticks; the oldest go first. 0 is unlimited.</summary>
    public long TicksMaxBytes { get; set; }

    /// <summary>Most bytes of bars; the oldest go first. 0 is unlimited.</summary>
    public long BarsMaxBytes { get; set; }

    /// <summary>Block cache shared by all column families, bytes; table indexes and filters live in it.</summary>
    public long BlockCacheBytes { get; set; } = 64L << 20;

    /// <summary>Memory for writes not yet in table files, all column families together, bytes.</summary>
    public long WriteBufferBytes { get; set; } = 128L << 20;

    /// <summary>Size at which write-ahead logs are retired by flushing what holds them, bytes; it bounds the time of a restart.</summary>
    public long MaxLogBytes { get; set; } = 256L << 20;

    /// <summary>
    /// Opens the store although a write-ahead log is damaged in its middle: the damaged records are lost, those after them are kept.
    /// Leave it off, so that such damage is noticed.
    /// </summary>
    public bool AcceptDamagedLog { get; set; }
}

/// <summary>Checks <see cref="RocksDbStoreOptions"/>.</summary>
internal sealed class RocksDbStoreOptionsValidator : IValidateOptions<RocksDbStoreOptions>
{
    public ValidateOptionsResult Validate(string? name, RocksDbStoreOptions options)
    {
        List<string> errors = [];
        if (string.IsNullOrWhiteSpace(options.DataDir))
            errors.Add("storage.data_dir is empty: name the folder that the store may use.");
        CheckTtl("storage.ticks.ttl", options.TicksTtl);
        CheckTtl("storage.rollup.ttl", options.BarsTtl);
        CheckAtLeast("storage.ticks.max_size_gb", options.TicksMaxBytes, 0);
        CheckAtLeast("storage.rollup.max_size_gb", options.BarsMaxBytes, 0);
        CheckAtLeast(nameof(options.BlockCacheBytes), options.BlockCacheBytes, 1 << 20);
        CheckAtLeast(nameof(options.WriteBufferBytes), options.WriteBufferBytes, 4 << 20);
        CheckAtLeast(nameof(options.MaxLogBytes), options.MaxLogBytes, 4 << 20);
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);

        void CheckTtl(string key, TimeSpan ttl)
        {
            if (ttl < TimeSpan.FromHours(1) || ttl > TimeSpan.FromHours(24))
                errors.Add($"{key} is {ttl}: it must be from 1h to 24h.");
        }

        void CheckAtLeast(string key, long bytes, long least)
        {
            if (bytes < least) errors.Add($"{key} is {bytes} bytes: it must be at least {least}.");
        }
    }
}
