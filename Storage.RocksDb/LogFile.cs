using System.IO.MemoryMappedFiles;

namespace Tikr.Storage.RocksDb;

/// <summary>What checking a write-ahead log file found.</summary>
/// <param name="Path">The file.</param>
/// <param name="Length">Its length.</param>
/// <param name="GoodLength">Where the first unreadable write begins; the length if every write is readable.</param>
/// <param name="ReadableAfter">Bytes of readable records after the damage.</param>
/// <param name="HasHole">Whether a part of the damaged record was never written: a power loss leaves such holes, decay of written bytes
/// does not.</param>
internal sealed record LogFile(string Path, long Length, long GoodLength, long ReadableAfter, bool HasHole)
{
    public bool IsDamaged => GoodLength < Length;

    /// <summary>Checks a file.</summary>
    public static unsafe LogFile Check(string path)
    {
        var length = new FileInfo(path).Length;
        if (length == 0) return new LogFile(path, 0, 0, 0, false);
        using var map = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
        using var view = map.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
        byte* start = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        try
        {
            var scan = new LogScan(new ReadOnlySpan<byte>(start + view.PointerOffset, checked((int)length)));
            scan.Run();
            return new LogFile(path, length, scan.GoodLength, scan.ReadableAfter, scan.HasHole);
        }
        finally
        {
            view.SafeMemoryMappedViewHandle.ReleasePointer();
        }
    }
}
