using System.IO.MemoryMappedFiles;

namespace Tikr.Storage.RocksDb;

/// <summary>What checking a write-ahead log file found.</summary>
/// <param name="Path">The file.</param>
/// <param name="Length">Its length.</param>
/// <param name="Damage">What is wrong with it.</param>
internal sealed record LogFile(string Path, long Length, LogDamage Damage)
{
    public bool IsDamaged => Damage.GoodLength < Length;

    /// <summary>Checks a file.</summary>
    public static unsafe LogFile Check(string path)
    {
        var length = new FileInfo(path).Length;
        if (length == 0) return new LogFile(path, 0, default);
        using var map = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
        using var view = map.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
        byte* start = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        try
        {
            return new LogFile(path, length, new LogScan(new ReadOnlySpan<byte>(start + view.PointerOffset, checked((int)length))).Run());
        }
        finally
        {
            view.SafeMemoryMappedViewHandle.ReleasePointer();
        }
    }
}
