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

    /// <summary>Refuses a block whose keys are not each in order of time: a read for a range of time would miss ticks of it.</summary>
    public static void CheckOrder(ReadOnlySpan<KeyRun> keys, ReadOnlySpan<long> times)
    {
        foreach (var key in keys)
        {
            if (key.Count > 1 && !ColumnStatistics.IsAscending(times.Slice(key.Start, key.Count)))
                throw TickBlockException.Damaged($"the ticks of key {key.KeyId} are not in order of time");
        }
    }

    /// <summary>Selects the wanted keys' ticks in [fromNs, toNs).</summary>
    /// <param name="keys">The keys of the block.</param>
    /// <param name="wantedKeys">Those wanted, ascending; empty for all.</param>
    /// <param name="always">Whether every tick of the block is known to lie in the range.</param>
    /// <param name="times">The time of each tick.</param>
    /// <param name="fromNs">First wanted event time.</param>
    /// <param name="toNs">Event time to stop before.</param>
    /// <param name="selection">Takes the ticks.</param>
    public static void Select(
        ReadOnlySpan<KeyRun> keys, ReadOnlySpan<uint> wantedKeys, bool always, ReadOnlySpan<long> times,
            long fromNs, long toNs, scoped ref TickSelection selection)
    {
        var all = wantedKeys.IsEmpty;
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
        int key, int start, int count, ReadOnlySpan<long> times, long fromNs, long toNs, ref TickSelection selection)
    {
        var end = start + count;
        var from = times[start] >= fromNs ? start : FirstNotBelow(times, fromNs, start, end);
        if (from == end) return;
        var to = times[end - 1] < toNs ? end : FirstNotBelow(times, toNs, from, end);
        if (to > from) selection.Add(key, from, to - from, from - start);
    }

    private static int FirstNotBelow(ReadOnlySpan<long> times, long time, int low, int high)
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
