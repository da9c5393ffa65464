using RocksDbSharp;

namespace Tikr.Storage.RocksDb;

/// <summary>The store's error texts: each names the thing, the value, the rule and the remedy.</summary>
internal static class Errors
{
    public static StoreUnavailableException Unavailable(string what, RocksDbException e) => new(
        $"The store could not {what}: {e.Message}. Nothing of this operation is acknowledged; retry it."
        + (IsDiskFull(e)
            ? " The disk is full: free space, or lower storage.ticks.max_size_gb and storage.rollup.max_size_gb."
            : " If it persists, check the disk and its file system."), e);

    public static bool IsDiskFull(RocksDbException e) => e.Message.Contains("No space left", StringComparison.Ordinal);

    public static StoreUnavailableException NotOpen(string folder) =>
        new($"The store in '{folder}' is not open after an I/O error; it is reopened at the next write. Check the disk, then retry.");

    public static StoreRefusedException InUse(string folder) => new(
        $"The data folder '{folder}' is in use by another process: one process owns it "
            + $"at a time. Stop that process, or give this one another storage.data_dir.");

    public static StoreRefusedException CannotUseFolder(string folder, string reason) => new(
        $"The data folder '{folder}' cannot be used: {reason}. It must be a folder "
            + $"this process may write to; change its rights or storage.data_dir.");

    public static StoreRefusedException CannotOpen(string folder, RocksDbException e) =>
        e.Message.Contains("lock", StringComparison.OrdinalIgnoreCase)
        ? InUse(folder)
        : new($"The store in '{folder}' cannot be opened: {e.Message}. Check the disk; if files "
            + $"are damaged, restore the folder from a copy, or move it away to begin anew.");

    public static StoreRefusedException WrongFormat(string folder, ulong stored, uint known) => new(
        $"The store in '{folder}' has format {stored}; this version reads format "
            + $"{known}. Use the version that wrote it, or another storage.data_dir.");

    public static StoreRefusedException DamagedLog(string file, long offset, long after) => new(
        $"The write-ahead log '{file}' is damaged at offset {offset}, and {after} bytes after "
            + $"the damage are readable: this is not the torn end that a power loss leaves, "
        + "and cutting there would lose acknowledged ticks. Restore the file from a copy, or set storage.accept_damaged_log "
        + "for one start: the damaged records are then lost and the readable ones kept.");

    public static StoreRefusedException SpecsRefused(string folder, IEnumerable<string> reasons) => new(
        $"The store in '{folder}' does not fit the specs:{string.Concat(reasons.Select(r => $"{Environment.NewLine}  {r}"))}");

    public static StoreRefusedException TooManySeries() => new(
        "The store has numbered 65,535 series, the most it can. Move the data folder away to begin anew, or use fewer series names.");

    public static string TicksFull(long bytes, long limit) =>
        $"Raw ticks take {bytes} bytes, storage.ticks.max_size_gb allows {limit}, and only ticks that no bar covers yet are left to evict. "
        + "Ingest resumes when their bars are stored; raise storage.ticks.max_size_gb if this lasts.";
}
