namespace Tikr.Storage.RocksDb;

/// <summary>
/// Keeps other processes out of the folder. RocksDB has a lock of its own, but takes it too late: a torn log may only be cut by the
/// process that owns the folder.
/// </summary>
internal sealed class FolderLock : IDisposable
{
    private readonly FileStream _file;

    private FolderLock(FileStream file) => _file = file;

    /// <exception cref="StoreRefusedException">The folder is in use or cannot be used.</exception>
    public static FolderLock Take(string folder)
    {
        var path = Path.Combine(folder, "tikr.lock");
        try
        {
            Directory.CreateDirectory(folder);
            return new FolderLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (UnauthorizedAccessException e)
        {
            throw Errors.CannotUseFolder(folder, e);
        }
        catch (IOException e)
        {
            throw File.Exists(path) && !OpenFiles.AreUsedUp(e) ? Errors.InUse(folder) : Errors.CannotUseFolder(folder, e);
        }
    }

    public void Dispose() => _file.Dispose();
}
