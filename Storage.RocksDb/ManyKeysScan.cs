using System.Runtime.CompilerServices;

namespace Tikr.Storage.RocksDb;

/// <summary>Reads several keys: slice by slice the own blocks of each wanted key, then each group that wanted keys share, once.</summary>
internal static class ManyKeysScan
{
    public static async IAsyncEnumerable<TickBatch> ReadAsync(
        RocksDbDatabase database, TickRetention retention, TickRead read, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        if (read.Keys.Length == 0) yield break;
        var step = new ScanStep(retention, read);
        var wantedByGroup = read.Keys.GroupBy(key => key % FlushCommit.SharedGroups)
            .OrderBy(g => g.Key).ToDictionary(g => g.Key, g => g.ToArray());
        uint[] groups = [.. wantedByGroup.Keys.Order()];
        using var lease = new IteratorLease(database, Family.Ticks);
        var cursor = new SliceCursor(lease[0], step, read.Keys, groups);
        var batch = step.NewBatch();
        cursor.Look();
        while (cursor.HasBlock)
        {
            cancellation.ThrowIfCancellationRequested();
            var key = cursor.Key;
            var wanted = key.Kind == BlockKind.OneKey ? [] : wantedByGroup[key.Group];
            var any = step.Decode(key, cursor.Block, wanted, batch);
            cursor.MoveNext();
            if (!any) continue;
            lease.Park();
            yield return batch;
            cursor.Look();
        }
    }
}

/// <summary>Walks the blocks of several groups, in the order of their keys, hopping over everything else.</summary>
internal sealed class SliceCursor(IteratorLease.Cursor cursor, ScanStep step, uint[] ownGroups, uint[] sharedGroups)
{
    private bool _started;

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
        Settle(Seek(TickKey.SliceOf(step.FirstBlockTime), BlockKind.OneKey, ownGroups[0], step.FirstBlockTime));
    }

    public void MoveNext() => Settle(cursor.Next());

    private void Settle(bool found)
    {
        HasBlock = false;
        while (found)
        {
            var key = TickKey.Read(cursor.Key);
            if (key.Slice > step.LastSlice) return;
            if (key.SeriesId != step.Read.Series.Id)
            {
                found = Seek(key.SeriesId < step.Read.Series.Id ? key.Slice : key.Slice + 1, BlockKind.OneKey, ownGroups[0], 0);
                continue;
            }

            var groups = key.Kind == BlockKind.OneKey ? ownGroups : sharedGroups;
            var index = Array.BinarySearch(groups, key.Group);
            if (index < 0)
            {
                found = SeekGroup(key, ~index);
            }
            else if (key.MinTime >= step.Read.ToNs)
            {
                found = SeekGroup(key, index + 1);
            }
            else if (key.MinTime < step.FirstBlockTime)
            {
                found = Seek(key.Slice, key.Kind, key.Group, step.FirstBlockTime);
            }
            else
            {
                (Key, HasBlock) = (key, true);
                return;
            }
        }
    }

    private bool SeekGroup(in TickKey key, int index)
    {
        var groups = key.Kind == BlockKind.OneKey ? ownGroups : sharedGroups;
        if (index < groups.Length) return Seek(key.Slice, key.Kind, groups[index], 0);
        return key.Kind == BlockKind.OneKey
            ? Seek(key.Slice, BlockKind.SharedKeys, sharedGroups[0], 0)
            : Seek(key.Slice + 1, BlockKind.OneKey, ownGroups[0], 0);
    }

    private bool Seek(uint slice, BlockKind kind, uint group, long minTime)
    {
        Span<byte> key = stackalloc byte[TickKey.Length];
        new TickKey(slice, step.Read.Series.Id, kind, group, minTime, 0, 0, 0).Write(key);
        return cursor.Seek(key);
    }
}
