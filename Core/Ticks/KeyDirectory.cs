namespace Tikr.Core.Ticks;

/// <summary>The keys of a block, how many ticks each has, and the rank of its first.</summary>
internal readonly ref struct KeyDirectory
{
    private readonly PackedColumn ids, counts, ranks;
    private readonly uint oneKeyId, oneFirstRank;
    private readonly int ticks;

    private KeyDirectory(PackedColumn ids, PackedColumn counts, PackedColumn ranks, int ticks)
    {
        this.ids = ids;
        this.counts = counts;
        this.ranks = ranks;
        this.ticks = ticks;
        IsShared = true;
        Count = ids.Count;
    }

    private KeyDirectory(uint keyId, uint firstRank, int ticks)
    {
        (oneKeyId, oneFirstRank, this.ticks) = (keyId, firstRank, ticks);
        Count = 1;
    }

    /// <summary>Whether the block has a directory.</summary>
    public bool IsShared { get; }

    /// <summary>Number of keys.</summary>
    public int Count { get; }

    /// <summary>The only key of a block without directory.</summary>
    public static KeyDirectory OfOne(uint keyId, uint firstRank, int ticks)
    {
        CheckRank(firstRank, ticks);
        return new KeyDirectory(keyId, firstRank, ticks);
    }

    /// <summary>Reads and checks a directory.</summary>
    public static KeyDirectory Read(scoped ref BlockCursor cursor, int ticks)
    {
        var keys = cursor.Varint();
        if (keys == 0 || keys > ticks) throw TickBlockException.Damaged($"it claims {keys} keys for {ticks} ticks");
        var directory = new KeyDirectory(cursor.Column((int)keys), cursor.Column((int)keys), cursor.Column((int)keys), ticks);
        directory.Check();
        return directory;
    }

    public uint IdOf(int key) => IsShared ? (uint)ids[key] : oneKeyId;

    public uint FirstRankOf(int key) => IsShared ? (uint)ranks[key] : oneFirstRank;

    /// <summary>Selects the wanted keys' ticks in [fromNs, toNs).</summary>
    public void Select(ReadOnlySpan<uint> wantedKeys, in PackedColumn times, long fromNs, long toNs, ref TickSelection selection)
    {
        var all = wantedKeys.IsEmpty;
        var start = 0;
        for (var key = 0; key < Count; key++)
        {
            var count = IsShared ? (int)counts[key] : ticks;
            if (!all)
            {
                var id = IdOf(key);
                var place = wantedKeys.BinarySearch(id);
                if (place < 0)
                {
                    wantedKeys = wantedKeys[~place..];
                    if (wantedKeys.IsEmpty) return;
                    start += count;
                    continue;
                }

                wantedKeys = wantedKeys[place..];
            }

            SelectTimes(key, start, count, times, fromNs, toNs, ref selection);
            start += count;
        }
    }

    private static void SelectTimes(int key, int start, int count, in PackedColumn times, long fromNs, long toNs, ref TickSelection selection)
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

    private void Check()
    {
        long sum = 0, previous = -1;
        for (var key = 0; key < Count; key++)
        {
            var (id, count, rank) = (ids[key], counts[key], ranks[key]);
            if (id <= previous || id > uint.MaxValue) throw TickBlockException.Damaged($"key {id} follows key {previous} in it");
            if (count < 1 || count > ticks) throw TickBlockException.Damaged($"key {id} has {count} of its {ticks} ticks");
            CheckRank(rank, count);
            previous = id;
            sum += count;
        }

        if (sum != ticks) throw TickBlockException.Damaged($"its keys have {sum} ticks together, the block {ticks}");
    }

    private static void CheckRank(long firstRank, long count)
    {
        if (firstRank < 0 || firstRank > uint.MaxValue - count + 1) throw TickBlockException.Damaged($"rank {firstRank} leaves no room for {count} ticks");
    }
}
