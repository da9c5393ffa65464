using System.Runtime.CompilerServices;
using Tikr.Core.Ticks;
using Tikr.Storage;

namespace Tikr.Gateway.Ingest;

/// <summary>
/// The ticks of one series in one flush, grouped by key: each key's run is contiguous and ordered by (time, sequence, arrival), so the
/// index within the run is the tick's rank. Reused from flush to flush.
/// </summary>
internal sealed class FlushGroup(SeriesIntake series)
{
    private readonly List<PendingMessage> _messages = [];
    private readonly RunSorter _sorter = new(series.Plan.Fields.Length);
    private GatewayKey[] _keys = new GatewayKey[64];
    private ulong[] _feeds = new ulong[64];
    private int[] _starts = new int[65];
    private int[] _next = new int[64];
    private int[] _slots = [];

    public SeriesIntake Series { get; } = series;

    /// <summary>The grouped ticks.</summary>
    public TickColumns Columns { get; } = series.Plan.NewColumns();

    /// <summary>Number of keys.</summary>
    public int Keys { get; private set; }

    /// <summary>(key, bucket) segments in key order.</summary>
    public List<BucketSegment> Segments { get; } = [];

    /// <summary>The pairs of the flush; one list for all flushes, since with many keys it is large.</summary>
    public ManifestSection Manifest { get; } = new(series.Handle.SeriesId, series.Plan.Spec.RollupNs, []);

    public GatewayKey KeyAt(int slot) => _keys[slot];

    /// <summary>Feeds that brought ticks of a key in this flush.</summary>
    public ulong FeedsAt(int slot) => _feeds[slot];

    public int StartOf(int slot) => _starts[slot];

    public int CountOf(int slot) => _starts[slot + 1] - _starts[slot];

    public void Add(PendingMessage message) => _messages.Add(message);

    public void Clear()
    {
        _messages.Clear();
        Segments.Clear();
        Array.Clear(_keys, 0, Keys);
        Keys = 0;
        Columns.Count = 0;
    }

    /// <summary>Groups the messages added so far.</summary>
    /// <param name="flush">Number of the flush: marks which keys have been seen in it.</param>
    public void Build(ulong flush)
    {
        var total = 0;
        foreach (var pending in _messages) total += pending.Message!.Columns.Count;
        Columns.EnsureCapacity(total);
        if (_slots.Length < total) _slots = new int[Math.Max(total, _slots.Length * 2)];
        CountPerKey(flush);
        Scatter();
        Columns.Count = total;
        for (var slot = 0; slot < Keys; slot++)
        {
            _sorter.Sort(Columns, StartOf(slot), CountOf(slot));
            CutIntoBuckets(slot);
        }
    }

    private void CountPerKey(ulong flush)
    {
        var at = 0;
        foreach (var pending in _messages)
        {
            var feed = Series.Feeds.BitOf(pending.Feed);
            var message = pending.Message!;
            var keys = message.Keys.AsSpan(0, message.Columns.Count);
            foreach (var interned in keys)
            {
                var key = Unsafe.As<GatewayKey>(interned);
                if (key.SlotStamp != flush) NewSlot(key, flush);
                var slot = key.Slot;
                _slots[at++] = slot;
                _next[slot]++;
                _feeds[slot] |= feed;
            }
        }
    }

    private void NewSlot(GatewayKey key, ulong flush)
    {
        if (Keys == _keys.Length)
        {
            Array.Resize(ref _keys, Keys * 2);
            Array.Resize(ref _feeds, Keys * 2);
            Array.Resize(ref _next, Keys * 2);
            Array.Resize(ref _starts, (Keys * 2) + 1);
        }

        key.SlotStamp = flush;
        key.Slot = Keys;
        _keys[Keys] = key;
        _feeds[Keys] = 0;
        _next[Keys++] = 0;
    }

    private void Scatter()
    {
        var start = 0;
        for (var slot = 0; slot < Keys; slot++)
        {
            _starts[slot] = start;
            start += _next[slot];
            _next[slot] = _starts[slot];
        }

        _starts[Keys] = start;
        var at = 0;
        foreach (var pending in _messages)
        {
            var from = pending.Message!.Columns;
            var slots = _slots.AsSpan(at, from.Count);
            at += from.Count;

            // First the target index of each tick, then column by column: every pass reads one array in order.
            for (var i = 0; i < slots.Length; i++) slots[i] = _next[slots[i]]++;
            Scatter(from.Times, slots, Columns.Times);
            Scatter(from.Sequences, slots, Columns.Sequences);
            for (var f = 0; f < Columns.Fields.Length; f++) Scatter(from.Fields[f], slots, Columns.Fields[f]);
            if (Columns.Present is { } present) Scatter(from.Present!, slots, present);
        }
    }

    private static void Scatter<T>(T[] from, ReadOnlySpan<int> targets, T[] to)
    {
        for (var i = 0; i < targets.Length; i++) to[targets[i]] = from[i];
    }

    private void CutIntoBuckets(int slot)
    {
        int start = StartOf(slot), end = start + CountOf(slot);
        var times = Columns.Times;
        while (start < end)
        {
            var bucket = Series.Plan.BucketOf(times[start]);
            var bucketEnd = Series.Plan.EndOf(bucket);
            var stop = start + 1;
            if (times[end - 1] < bucketEnd) stop = end;
            else while (stop < end && times[stop] < bucketEnd) stop++;
            Segments.Add(new BucketSegment(slot, bucket, start, stop - start));
            start = stop;
        }
    }
}

/// <summary>Ticks of one key in one bucket within a <see cref="FlushGroup"/>.</summary>
internal readonly record struct BucketSegment(int Slot, long BucketStart, int Start, int Count);
