namespace Tikr.Storage.RocksDb;

/// <summary>
/// Walks the blocks of one group of a series through all slices, in the order of their least time, hopping over slices without any.
/// </summary>
internal sealed class GroupCursor(IteratorLease.Cursor cursor, ScanStep step, BlockKind kind, uint group)
{
    private bool _started;

    /// <summary>Key of the block here; valid while <see cref="HasBlock"/>.</summary>
    public TickKey Key { get; private set; }

    public bool HasBlock { get; private set; }

    public ReadOnlySpan<byte> Block => cursor.Value;

    /// <summary>Looks at what is here now: at the start, and after every park.</summary>
    public void Look()
    {
        if (_started)
        {
            cursor.Resume();
            if (HasBlock) Settle(cursor.IsValid);
            return;
        }

        _started = true;
        Settle(Seek(TickKey.SliceOf(step.FirstBlockTime), step.FirstBlockTime));
    }

    public void MoveNext() => Settle(cursor.Next());

    private bool Seek(uint slice, long minTime)
    {
        Span<byte> key = stackalloc byte[TickKey.Length];
        new TickKey(slice, step.Read.Series.Id, kind, group, minTime, 0, 0, 0).Write(key);
        return cursor.Seek(key);
    }

    private void Settle(bool found)
    {
        HasBlock = false;
        while (found)
        {
            var key = TickKey.Read(cursor.Key);
            if (key.Slice > step.LastSlice) return;
            var order = Compare(key);
            if (order == 0)
            {
                (Key, HasBlock) = (key, key.MinTime < step.Read.ToNs);
                return;
            }

            found = order < 0 ? Seek(key.Slice, 0) : Seek(key.Slice + 1, 0);
        }
    }

    /// <summary>Whether a block stands before, in or behind the group within its slice.</summary>
    private int Compare(in TickKey key)
    {
        if (key.SeriesId != step.Read.Series.Id) return key.SeriesId.CompareTo(step.Read.Series.Id);
        return key.Kind != kind ? key.Kind.CompareTo(kind) : key.Group.CompareTo(group);
    }
}
