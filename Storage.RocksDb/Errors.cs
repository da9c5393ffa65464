using System.Globalization;
using RocksDbSharp;

namespace Tikr.Storage.RocksDb;

/// <summary>The store's error texts: each names the thing, the value, the rule and the remedy.</summary>
internal static class Errors
{
    public static StoreUnavailableException Unavailable(string what, RocksDbStoreOptions options, RocksDbException e) => new(
        $"The store could not {what}: {e.Message}. Nothing of this operation is acknowledged; retry it. {Advice(options, e)}", e);

    public static string CannotWrite(RocksDbStoreOptions options, RocksDbException e) =>
        $"The store in '{options.DataDir}' cannot write: {e.Message}. {Advice(options, e)}";

    public static string NotReopened(string folder, string reason) =>
        $"The store in '{folder}' is not open after an I/O error, and opening it again failed; the next write tries again: {reason}";

    public static string Stalled(string folder, TimeSpan waiting) =>
        $"The store in '{folder}' has done no write for {waiting.TotalSeconds:0} s while some wait: its disk is stuck, or cannot keep up "
        + "with merging what was written. Check the disk and what else writes to it; writes go on by themselves.";

    public static bool IsDiskFull(RocksDbException e) => e.Message.Contains("No space left", StringComparison.Ordinal);

    public static StoreUnavailableException NotOpen(string folder) =>
        new($"The store in '{folder}' is not open after an I/O error; it is reopened at the next write. Check the disk, then retry.");

    public static StoreRefusedException InUse(string folder) => new(
        $"The data folder '{folder}' is in use by another process: one process owns it "
            + $"at a time. Stop that process, or give this one another storage.data_dir.");

    public static StoreRefusedException CannotUseFolder(string folder, Exception e) => new(
        $"The data folder '{folder}' cannot be used: {e.Message.TrimEnd('.')}. " + (OpenFiles.AreUsedUp(e)
            ? MoreFiles()
            : "It must be a folder this process may write to; change its rights or storage.data_dir."));

    public static StoreRefusedException CannotOpen(RocksDbStoreOptions options, RocksDbException e)
    {
        var folder = options.DataDir;
        if (e.Message.Contains("LOCK", StringComparison.Ordinal) && !OpenFiles.AreUsedUp(e)) return InUse(folder);
        return new($"The store in '{folder}' cannot be opened: {e.Message}. " + (OpenFiles.AreUsedUp(e) || IsDiskFull(e)
            ? Advice(options, e)
            : "Check the disk; if files are damaged, restore the folder from a copy, or move it away to begin anew."));
    }

    public static StoreRefusedException WrongFormat(string folder, ulong stored, uint known) => new(
        $"The store in '{folder}' has format {stored}; this version reads format "
            + $"{known}. Use the version that wrote it, or another storage.data_dir.");

    public static StoreRefusedException DamagedLog(string file, long offset, long after) => new(
        $"The write-ahead log '{file}' is damaged in the write at offset {offset}, "
            + (after > 0 ? $"and {after} bytes after it are readable" : "which was written to its end and has changed since")
        + ": this is not the torn end that a crash leaves, and cutting there would lose acknowledged ticks. "
        + "Restore the file from a copy, or set storage.accept_damaged_log "
        + "for one start: the damaged records are then lost and the readable ones kept.");

    public static StoreRefusedException SpecsRefused(string folder, IEnumerable<string> reasons) => new(
        $"The store in '{folder}' does not fit the specs:{string.Concat(reasons.Select(r => $"{Environment.NewLine}  {r}"))}");

    private static string Advice(RocksDbStoreOptions options, RocksDbException e)
    {
        if (OpenFiles.AreUsedUp(e)) return MoreFiles();
        return IsDiskFull(e) ? FreeSpace(options) : "If it persists, check the disk and its file system.";
    }

    private static string FreeSpace(RocksDbStoreOptions options) => "The disk is full"
        + (DiskSpace.Of(options.DataDir) is { } space ? $" ({Megabytes(space.FreeBytes)} of {Megabytes(space.TotalBytes)} free): " : ": ")
        + $"free {Megabytes(Tuning.SpaceToGoOn(options))} at least, or lower storage.ticks.max_size_gb and storage.rollup.max_size_gb.";

    private static string MoreFiles() =>
        $"This process may have {OpenFiles.Limit?.ToString(CultureInfo.InvariantCulture) ?? "too few"} files and connections open, "
        + $"and has them. {OpenFiles.Remedy}";

    private static string Megabytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:0.#} MiB");

    public static StoreRefusedException TooManySeries() => new(
        "The store has numbered 65,535 series, the most it can. Move the data folder away to begin anew, or use fewer series names.");
}
