using RocksDbSharp;

namespace Tikr.Storage.RocksDb;

/// <summary>
/// Cursors over one column family with one consistent view. Between <see cref="Park"/> and the next call the iterators may be closed
/// (idle too long, database closing); they come back by themselves where they were, so a reader moves on before it parks and hands out
/// what it has read. While not parked, the database is kept open and everything must stay on one thread.
/// </summary>
internal sealed class IteratorLease : IDisposable
{
    private const int Parked = 0, Busy = 1, Disposed = 2;

    private readonly RocksDbDatabase _database;
    private readonly Family _family;
    private readonly Cursor[] _cursors;
    private RocksDbDatabase.Usage _usage;
    private int _state = Parked;

    public IteratorLease(RocksDbDatabase database, Family family, int cursors = 1)
    {
        _database = database;
        _family = family;
        _cursors = new Cursor[cursors];
        for (var i = 0; i < cursors; i++) _cursors[i] = new Cursor(this);
        database.Leases.Add(this);
    }

    public Cursor this[int index] => _cursors[index];

    /// <summary>Monotonic time of the last <see cref="Park"/>.</summary>
    public long ParkedAt { get; private set; }

    /// <summary>Whether native iterators exist now.</summary>
    public bool IsOpen => _cursors[0].Native is not null;

    /// <summary>Lets go of the database until the next call: before every wait for the reader.</summary>
    public void Park()
    {
        if (!_usage.IsHeld) return;
        foreach (var cursor in _cursors) cursor.Remember();
        ParkedAt = _database.Time.GetTimestamp();
        var usage = _usage;
        _usage = default;
        Volatile.Write(ref _state, Parked);
        usage.Dispose();
    }

    /// <summary>Closes the iterators unless they are in use.</summary>
    public void CloseIfIdle()
    {
        if (Interlocked.CompareExchange(ref _state, Busy, Parked) != Parked) return;
        CloseIterators();
        Volatile.Write(ref _state, Parked);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Park();
        _database.Leases.Remove(this);
        if (!_database.TryUse(out var usage)) return;
        using (usage)
        {
            var wait = default(SpinWait);
            while (Interlocked.CompareExchange(ref _state, Disposed, Parked) == Busy) wait.SpinOnce();
            CloseIterators();
        }
    }

    private void CloseIterators()
    {
        foreach (var cursor in _cursors) cursor.Close();
    }

    private void Resume()
    {
        if (_usage.IsHeld) return;
        var usage = _database.Use();
        var wait = default(SpinWait);
        while (Interlocked.CompareExchange(ref _state, Busy, Parked) != Parked) wait.SpinOnce();
        _usage = usage;
        if (IsOpen) return;
        using var snapshot = usage.Families.Db.CreateSnapshot();
        foreach (var cursor in _cursors)
            cursor.Open(usage.Families.Db.NewIterator(usage.Families[_family], new ReadOptions().SetSnapshot(snapshot)));
    }

    /// <summary>One position in the column family.</summary>
    internal sealed class Cursor(IteratorLease lease)
    {
        private byte[]? _place;

        public Iterator? Native { get; private set; }

        public bool IsValid { get; private set; }

        /// <summary>Key here; until the next move or park.</summary>
        public ReadOnlySpan<byte> Key => Native!.GetKeySpan();

        /// <summary>Value here; until the next move or park.</summary>
        public ReadOnlySpan<byte> Value => Native!.GetValueSpan();

        /// <summary>Goes to the first key not less than this one.</summary>
        public bool Seek(ReadOnlySpan<byte> key)
        {
            lease.Resume();
            Native!.Seek(key);
            return Check();
        }

        /// <summary>Goes to the next key.</summary>
        public bool Next()
        {
            lease.Resume();
            Native!.Next();
            return Check();
        }

        /// <summary>
        /// After a park: makes key and value readable again. What was next then may have expired; the cursor stands on what is next now.
        /// </summary>
        public void Resume() => lease.Resume();

        internal void Remember()
        {
            if (!IsValid || Native is null) _place = null;
            else if (_place is { } place && Key.Length == place.Length) Key.CopyTo(place);
            else _place = Key.ToArray();
        }

        internal void Open(Iterator native)
        {
            Native = native;
            if (_place is null) return;
            Native.Seek(_place);
            Check();
        }

        internal void Close()
        {
            Native?.Dispose();
            Native = null;
        }

        private bool Check()
        {
            IsValid = Native!.Valid();
            if (IsValid) return true;
            RocksDbSharp.Native.Instance.rocksdb_iter_get_error(Native.Handle, out var error);
            if (error != IntPtr.Zero) throw Errors.Unavailable("read", lease._database.Options, new RocksDbException(error));
            return false;
        }
    }
}
