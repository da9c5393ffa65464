namespace Tikr.Storage.RocksDb;

/// <summary>Finds over which event times the stored ticks of a series spread, also into the future: a clock may have been wrong.</summary>
internal static class StoredTimes
{
    /// <summary>Event times from the first stored tick to behind the last, by up to one block's span too wide; null without any.</summary>
    /// <param name="database">The store.</param>
    /// <param name="seriesId">The series.</param>
    /// <param name="nowNs">The time now: what lies after it is looked at block by block. Unix nanoseconds.</param>
    public static (long FromNs, long ToNs)? Of(RocksDbDatabase database, ushort seriesId, long nowNs)
    {
        using var lease = new IteratorLease(database, Family.Ticks);
        var cursor = lease[0];
        if (!Find(cursor, 0, seriesId)) return null;
        var first = TickKey.Read(cursor.Key).MinTime;
        var end = Math.Max(nowNs, first + FlushCommit.MaxBlockSpanNs) + 1;
        for (var found = Find(cursor, TickKey.SliceOf(nowNs - FlushCommit.MaxBlockSpanNs), seriesId); found;)
        {
            var key = TickKey.Read(cursor.Key);
            end = Math.Max(end, key.MinTime + FlushCommit.MaxBlockSpanNs + 1);
            found = cursor.Next() && (TickKey.Read(cursor.Key).SeriesId == seriesId || Find(cursor, key.Slice + 1, seriesId));
        }

        return (first, end);
    }

    /// <summary>Goes to the first block of the series from a slice on.</summary>
    private static bool Find(IteratorLease.Cursor cursor, uint slice, ushort seriesId)
    {
        Span<byte> name = stackalloc byte[TickKey.Length];
        while (true)
        {
            new TickKey(slice, seriesId, 0, 0, 0, 0, 0, 0).Write(name);
            if (!cursor.Seek(name)) return false;
            var key = TickKey.Read(cursor.Key);
            if (key.SeriesId == seriesId) return true;
            slice = key.SeriesId < seriesId ? key.Slice : key.Slice + 1;
        }
    }
}
