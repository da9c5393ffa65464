using System.Buffers.Binary;
using RocksDbSharp;

namespace Tikr.Storage.RocksDb;

/// <summary>
/// Deletes old bars. Keys stand one after the other, each with its bars by time, so it hops from group to group (series, rollup, key) with
/// Seek, and deletes one range per group that has bars below the cutoff: from where the last deletion of the group ended. That watermark
/// is written with the deletion; it goes when the group is empty, since nothing may be written below the cutoff.
/// </summary>
internal sealed class BarReaper(RocksDbDatabase database, BarRetention retention)
{
    private const int GroupsPerBatch = 1000;

    /// <summary>Told of every deleted range.</summary>
    public Action<BarKey, BarKey>? RangeDeleted { get; set; }

    /// <summary>Deletes bars whose bucket starts before the cutoff; returns in how many ranges.</summary>
    public int DeleteBelow(long cutoff, CancellationToken cancellation)
    {
        retention.RaiseCutoff(cutoff);
        var ranges = 0;
        using var lease = new IteratorLease(database, Family.Bars);
        var cursor = lease[0];
        List<Expired> batch = [];
        var found = cursor.Seek([]);
        while (found)
        {
            cancellation.ThrowIfCancellationRequested();
            var first = BarKey.Read(cursor.Key);
            if (first.Bucket < cutoff)
            {
                found = Seek(cursor, first with { Bucket = cutoff });
                var isEmpty = !found || !BarKey.Read(cursor.Key).SameGroup(first);
                batch.Add(new Expired(first, isEmpty));
                if (isEmpty && batch.Count < GroupsPerBatch) continue;
            }

            if (batch.Count >= GroupsPerBatch)
            {
                lease.Park();
                ranges += Delete(batch, cutoff);
            }

            found = Seek(cursor, first with { Bucket = long.MaxValue });
        }

        lease.Park();
        return ranges + Delete(batch, cutoff);
    }

    /// <summary>Start of the oldest bucket of all; null without bars.</summary>
    public long? OldestBucket(CancellationToken cancellation)
    {
        long? oldest = null;
        using var lease = new IteratorLease(database, Family.Bars);
        var cursor = lease[0];
        for (var found = cursor.Seek([]); found; cancellation.ThrowIfCancellationRequested())
        {
            var first = BarKey.Read(cursor.Key);
            if (oldest is null || first.Bucket < oldest) oldest = first.Bucket;
            found = Seek(cursor, first with { Bucket = long.MaxValue });
        }

        return oldest;
    }

    private int Delete(List<Expired> groups, long cutoff)
    {
        if (groups.Count == 0) return 0;
        using var batch = new WriteBatch();
        Span<byte> number = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(number, cutoff);
        using (var usage = database.Use())
        {
            foreach (var (first, isEmpty) in groups)
            {
                var end = (first with { Bucket = cutoff }).ToArray();
                var watermark = MetaKeys.BarsWatermark(end.AsSpan(0, BarKey.GroupLength));
                var start = database.Get(Family.Meta, watermark) is { } stored
                    ? first with { Bucket = BinaryPrimitives.ReadInt64BigEndian(stored) }
                    : first;
                batch.DeleteRange(start.ToArray(), BarKey.Length, end, BarKey.Length, usage.Families.Bars);
                if (isEmpty) batch.Delete(watermark.AsSpan(), usage.Families.Meta);
                else batch.Put(watermark.AsSpan(), number, usage.Families.Meta);
                RangeDeleted?.Invoke(start, first with { Bucket = cutoff });
            }
        }

        database.WriteSynced(batch);
        var count = groups.Count;
        groups.Clear();
        return count;
    }

    private static bool Seek(IteratorLease.Cursor cursor, BarKey key)
    {
        Span<byte> name = stackalloc byte[BarKey.Length];
        key.Write(name);
        return cursor.Seek(name);
    }

    private readonly record struct Expired(BarKey First, bool IsEmpty);
}
