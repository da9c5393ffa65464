using System.Runtime.CompilerServices;

namespace Tikr.Core.Ticks;

/// <summary>The keys of a block, where their ticks begin, how many each has, and the rank of its first.</summary>
internal static class KeyDirectory
{
    /// <summary>The only key of a block without directory.</summary>
    public static ReadOnlySpan<KeyRun> OfOne(uint keyId, uint firstRank, int ticks, Span<KeyRun> entries)
    {
        CheckRank(firstRank, ticks);
        entries[0] = new KeyRun(keyId, 0, ticks, firstRank);
        return entries[..1];
    }

    /// <summary>Reads and checks a directory.</summary>
    [SkipLocalsInit]
    public static ReadOnlySpan<KeyRun> Read(scoped ref BlockCursor cursor, int ticks, Span<KeyRun> entries)
    {
        var count = cursor.Varint();
        if (count == 0 || count > ticks) throw TickBlockException.Damaged($"it claims {count} keys for {ticks} ticks");
        entries = entries[..(int)count];
        Span<long> ids = stackalloc long[TickBlockFormat.MaxTicks];
        Span<long> counts = stackalloc long[TickBlockFormat.MaxTicks];
        Span<long> ranks = stackalloc long[TickBlockFormat.MaxTicks];
        ReadColumn(ref cursor, ids = ids[..entries.Length]);
        ReadColumn(ref cursor, counts = counts[..entries.Length]);
        ReadColumn(ref cursor, ranks = ranks[..entries.Length]);
        long start = 0, previous = -1;
        for (var key = 0; key < entries.Length; key++)
        {
            var (id, own, rank) = (ids[key], counts[key], ranks[key]);
            if (id <= previous || id > uint.MaxValue) throw TickBlockException.Damaged($"key {id} follows key {previous} in it");
            if (own < 1 || own > ticks) throw TickBlockException.Damaged($"key {id} has {own} of its {ticks} ticks");
            CheckRank(rank, own);
            entries[key] = new KeyRun((uint)id, (int)start, (int)own, (uint)rank);
            previous = id;
            start += own;
        }

        if (start != ticks) throw TickBlockException.Damaged($"its keys have {start} ticks together, the block {ticks}");
        return entries;
    }

    /// <summary>Selects the wanted keys' ticks in [fromNs, toNs).</summary>
    public static void Select(
        ReadOnlySpan<KeyRun> keys, ReadOnlySpan<uint> wantedKeys, in PackedColumn times,
            long fromNs, long toNs, scoped ref TickSelection selection)
    {
        var all = wantedKeys.IsEmpty;
        var always = times.IsWithin(fromNs, toNs);
        for (var key = 0; key < keys.Length; key++)
        {
            if (!all)
            {
                var place = wantedKeys.BinarySearch(keys[key].KeyId);
                wantedKeys = wantedKeys[(place < 0 ? ~place : place)..];
                if (wantedKeys.IsEmpty) return;
                if (place < 0) continue;
            }

            if (always) selection.Add(key, keys[key].Start, keys[key].Count, 0);
            else SelectTimes(key, keys[key].Start, keys[key].Count, times, fromNs, toNs, ref selection);
        }
    }

    private static void ReadColumn(scoped ref BlockCursor cursor, scoped Span<long> into) => cursor.Column(into.Length).CopyTo(0, into);

    private static void SelectTimes(
        int key, int start, int count, in PackedColumn times, long fromNs, long toNs, ref TickSelection selection)
    {
        var end = start + count;
        var from = times[start] >= fromNs ? start : FirstNotBelow(times, fromNs, start, end);
        if (from == end) return;
        var to = times[end - 1] < toNs ? end : FirstNotBelow(times, toNs, from, end);
        if (to > from) selection.Add(key, from, to - from, from - start);
    }

    private static int FirstNotBelow(in PackedColumn times, long time, int low, int high)
    {
        while (low < high)
        {
            var middle = (low + high) >> 1;
            if (times[middle] < time) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    private static void CheckRank(long firstRank, long count)
    {
        if (firstRank < 0 || firstRank > uint.MaxValue - count + 1)
            throw TickBlockException.Damaged($"rank {firstRank} leaves no room for {count} ticks");
    }
}
