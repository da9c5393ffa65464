using System.Buffers.Binary;
using Microsoft.Extensions.Logging;
using RocksDbSharp;
using Rocks = RocksDbSharp.RocksDb;

namespace Tikr.Storage.RocksDb;

/// <summary>
/// The one opened database that all parts of the store share: it opens and closes, guards every native call against closing under it,
/// and turns RocksDB's errors into the store's.
/// </summary>
internal sealed partial class RocksDbDatabase : IDisposable
{
    private const uint FormatVersion = 2;
    private static readonly TimeSpan ReopenPause = TimeSpan.FromSeconds(2);

    private readonly ReaderWriterLockSlim _open = new(LockRecursionPolicy.SupportsRecursion);
    private readonly Cache _cache;
    private readonly WriteOptions _unsynced = new();
    private readonly WriteOptions _synced = new WriteOptions().SetSync(true);
    private readonly FolderLock _lock;
    private readonly ILogger _logger;
    private ColumnFamilySet? _families;
    private long _reopenNotBefore;

    // Name of the incarnation whose writes are refused.
    private volatile string? _sealed;
    private bool _disposed;

    public RocksDbDatabase(RocksDbStoreOptions options, TimeProvider time, ILogger logger)
    {
        Options = options;
        Time = time;
        _logger = logger;
        _cache = Cache.CreateLru((ulong)options.BlockCacheBytes);
        Leases = new LeaseRegistry(time);
        Health = new WriteHealth(options.DataDir, time, logger);
        _lock = FolderLock.Take(options.DataDir);
        try
        {
            Open();
        }
        catch
        {
            _lock.Dispose();
            Leases.Dispose();
            throw;
        }
    }

    public RocksDbStoreOptions Options { get; }

    public TimeProvider Time { get; }

    /// <summary>Whether it can be written to.</summary>
    public WriteHealth Health { get; }

    /// <summary>Iterators of reads under way.</summary>
    public LeaseRegistry Leases { get; }

    /// <summary>Called before each write; a test throws from it what a failing disk would.</summary>
    public Action? Writing { get; set; }

    /// <summary>Memory of the block cache in use, bytes.</summary>
    public long CacheBytes => (long)_cache.GetUsage();

    /// <summary>
    /// Writes a batch atomically; durable as configured if it acknowledges something, else as soon as the next that does.
    /// </summary>
    /// <exception cref="StoreUnavailableException">It was not written, or may not have been: the caller may retry.</exception>
    public void Write(WriteBatch batch, bool acknowledges) =>
        Write(batch, acknowledges && Options.Durability == StoreDurability.Disk ? _synced : _unsynced);

    /// <summary>Writes a batch and syncs it to the disk whatever the durability: for what other deletions rest on.</summary>
    public void WriteSynced(WriteBatch batch) => Write(batch, _synced);

    /// <summary>
    /// Sees whether writes get on, and tries one where they failed: without clients nobody else does, and none come while it says so.
    /// </summary>
    public void CheckWrites()
    {
        Health.LogStall();
        if (!Health.IsFailing) return;
        try
        {
            PutNumberSynced(MetaKeys.Probe, 0);
        }
        catch (StoreUnavailableException)
        {
            // It has been noted.
        }
    }

    /// <summary>The value of a key, or null.</summary>
    public byte[]? Get(Family family, ReadOnlySpan<byte> key)
    {
        using var use = Use();
        try
        {
            return use.Families.Db.Get(key, use.Families[family]);
        }
        catch (RocksDbException e)
        {
            throw Errors.Unavailable("read", Options, e);
        }
    }

    /// <summary>A number of the meta column family; <paramref name="otherwise"/> if it is not there.</summary>
    public ulong GetNumber(ReadOnlySpan<byte> key, ulong otherwise = 0) =>
        Get(Family.Meta, key) is { } value ? BinaryPrimitives.ReadUInt64BigEndian(value) : otherwise;

    /// <summary>Writes a number of the meta column family, synced.</summary>
    public void PutNumberSynced(ReadOnlySpan<byte> key, ulong number)
    {
        using var batch = new WriteBatch();
        PutNumber(batch, key, number);
        WriteSynced(batch);
    }

    /// <summary>Puts a number of the meta column family into a batch.</summary>
    public void PutNumber(WriteBatch batch, ReadOnlySpan<byte> key, ulong number)
    {
        Span<byte> value = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(value, number);
        using var usage = Use();
        batch.Put(key, value, usage.Families.Meta);
    }

    /// <summary>Keeps the database open until the answer is disposed, on the same thread.</summary>
    public Usage Use() => TryUse(out var usage)
        ? usage
        : throw (_disposed ? new StoreUnavailableException("The store is closed.") : Errors.NotOpen(Options.DataDir));

    /// <summary>As <see cref="Use"/>; false if the database is not open.</summary>
    public bool TryUse(out Usage usage)
    {
        _open.EnterReadLock();
        if (_families is { } families)
        {
            usage = new Usage(_open, families);
            return true;
        }

        _open.ExitReadLock();
        usage = default;
        return false;
    }

    /// <summary>Refuses every write from now on; returns when none is under way.</summary>
    public void Seal(string name)
    {
        _open.EnterWriteLock();
        _sealed = name;
        _open.ExitWriteLock();
    }

    /// <exception cref="StoreSealedException">Writes are refused.</exception>
    public void ThrowIfSealed()
    {
        if (_sealed is { } name) throw new StoreSealedException(name);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        AbandonCompactions();
        _open.EnterWriteLock();
        try
        {
            if (_disposed) return;
            _disposed = true;
            Close();
        }
        finally
        {
            _open.ExitWriteLock();
        }

        Leases.Dispose();
        _lock.Dispose();
    }

    private void Write(WriteBatch batch, WriteOptions options)
    {
        Health.Begin();
        try
        {
            Writing?.Invoke();
            using (var use = Use())
            {
                ThrowIfSealed();
                use.Families.Db.Write(batch, options);
            }

            Health.Succeeded();
        }
        catch (RocksDbException e)
        {
            Health.Failed(Errors.CannotWrite(Options, e));
            if (!Errors.IsDiskFull(e)) TryReopen();
            throw Errors.Unavailable("write", Options, e);
        }
        catch (StoreUnavailableException) when (!_disposed && TryReopen())
        {
            Write(batch, options);
        }
        finally
        {
            Health.End();
        }
    }

    /// <summary>
    /// RocksDB recovers by itself from a full disk, but stays read-only after other I/O errors and has no call for us to resume it:
    /// closing and opening again is the one way out without ending the process.
    /// </summary>
    internal bool TryReopen()
    {
        if (_open.IsReadLockHeld) return false;
        var now = Time.GetTimestamp();
        _open.EnterWriteLock();
        try
        {
            if (_disposed || (_reopenNotBefore != 0 && now < _reopenNotBefore)) return false;
            _reopenNotBefore = now + (long)(ReopenPause.TotalSeconds * Time.TimestampFrequency);
            Close();
            Open();
            Log.Reopened(_logger, Options.DataDir);
            return true;
        }
        catch (Exception e) when (e is StoreRefusedException or RocksDbException)
        {
            Health.Failed(Errors.NotReopened(Options.DataDir, e.Message));
            return false;
        }
        finally
        {
            _open.ExitWriteLock();
        }
    }

    private void Open()
    {
        Rocks db;
        try
        {
            LogRepair.CutTornTail(Options.DataDir, Options.AcceptDamagedLog, _logger);
            db = Rocks.Open(Tuning.Database(Options, _cache, out var families), Options.DataDir, families);
        }
        catch (RocksDbException e)
        {
            throw Errors.CannotOpen(Options, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Errors.CannotUseFolder(Options.DataDir, e);
        }

        var opened = new ColumnFamilySet(db);
        try
        {
            CheckFormat(opened);
        }
        catch
        {
            db.Dispose();
            throw;
        }

        _families = opened;
    }

    private void Close()
    {
        Leases.CloseAll();
        var families = _families;
        _families = null;
        families?.Db.Dispose();
    }

    private void CheckFormat(ColumnFamilySet families)
    {
        Span<byte> version = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(version, FormatVersion);
        var stored = families.Db.Get(MetaKeys.Format, families.Meta);
        if (stored is null) families.Db.Put(MetaKeys.Format, version, families.Meta, _synced);
        else if (!version.SequenceEqual(stored))
            throw Errors.WrongFormat(Options.DataDir, BinaryPrimitives.ReadUInt64BigEndian(stored), FormatVersion);
    }

    /// <summary>Permission to call the database.</summary>
    internal readonly struct Usage(ReaderWriterLockSlim open, ColumnFamilySet families) : IDisposable
    {
        public ColumnFamilySet Families { get; } = families;

        public bool IsHeld => open is not null;

        public void Dispose() => open.ExitReadLock();
    }
}
