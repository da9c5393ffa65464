namespace Tikr.Storage.RocksDb;

/// <summary>The volume that a folder is on.</summary>
/// <param name="TotalBytes">Its size.</param>
/// <param name="FreeBytes">What this user may still write.</param>
internal readonly record struct DiskSpace(long TotalBytes, long FreeBytes)
{
    /// <summary>Looks at a folder's volume; null where the system does not say.</summary>
    public static DiskSpace? Of(string folder)
    {
        try
        {
            var drive = new DriveInfo(Path.GetFullPath(folder));
            return new DiskSpace(drive.TotalSize, drive.AvailableFreeSpace);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }
}
