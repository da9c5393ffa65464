using System.Numerics;
using Tikr.Core.Ticks;
using Tikr.Storage;

namespace Tikr.Gateway.Ingest.Lanes;

/// <summary>
/// The ticks of one series in one flush, grouped by key: each key's run is contiguous and ordered by (time, sequence, arrival), so the
/// index within the run is the tick's rank. Reused from flush to flush.
/// </summary>
internal sealed class FlushGroup(LaneSeries series)
{
    private const int SourceNumbers = 64, SharedNumber = SourceNumbers - 1;
    private readonly List<QueuedMessage> _messages = [];
    private readonly List<Source> _sources = [];
    private readonly RunSorter _sorter = new(series.Model.Fields.Length);
    private LaneKey[] _keys = new LaneKey[64];
    private ulong[] _broughtBy = new ulong[64];
    private int[] _starts = new int[65];
    private int[] _next = new int[64];
    private int[] _targets = [];

    public LaneSeries Series { get; } = series;

    /// <summary>The grouped ticks.</summary>
    public TickColumns Columns { get; } = series.Model.NewColumns();

    /// <summary>Number of keys.</summary>
    public int Keys { get; private set; }

    /// <summary>(key, bucket) segments in key order.</summary>
    public List<BucketSegment> Segments { get; } = [];

    /// <summary>The pairs of the flush; one list for all flushes, since with many keys it is large.</summary>
    public ManifestSection Manifest { get; } = new(series.SeriesId, series.Model.Spec.RollupNs, []);

    public LaneKey KeyAt(int run) => _keys[run];

    /// <summary>The messages of the flush.</summary>
    public IReadOnlyList<QueuedMessage> Messages => _messages;

    /// <summary>The source that brought all ticks of a key in this flush; null if there were several.</summary>
    public Source? OnlySourceOf(int run)
    {
        if (!BitOperations.IsPow2(_broughtBy[run])) return null;
        var number = BitOperations.TrailingZeroCount(_broughtBy[run]);
        return number < SharedNumber || _sources.Count <= SourceNumbers ? _sources[number] : null;
    }

    public int StartOf(int run) => _starts[run];

    public int CountOf(int run) => _starts[run + 1] - _starts[run];

    public void Add(QueuedMessage message) => _messages.Add(message);

    public void Clear()
    {
        _messages.Clear();
        Segments.Clear();
        _sources.Clear();
        Array.Clear(_keys, 0, Keys);
        Keys = 0;
        Columns.Count = 0;
    }

    /// <summary>Groups the messages added so far.</summary>
    /// <param name="flush">Number of the flush: marks which keys have been seen in it.</param>
    public void Build(ulong flush)
    {
        var total = 0;
        foreach (var queued in _messages) total += queued.Message!.Columns.Count;
        Columns.EnsureCapacity(total);
        if (_targets.Length < total) _targets = new int[Math.Max(total, _targets.Length * 2)];
        CountPerKey(flush);
        Scatter();
        Columns.Count = total;
        for (var run = 0; run < Keys; run++)
        {
            _sorter.Sort(Columns, StartOf(run), CountOf(run));
            CutIntoBuckets(run);
        }
    }

    private void CountPerKey(ulong flush)
    {
        var at = 0;
        foreach (var queued in _messages)
        {
            var source = 1UL << NumberOf(queued.Source, flush);
            var message = queued.Message!;
            var keys = message.Keys.AsSpan(0, message.Columns.Count);
            foreach (var interned in keys)
            {
                var key = LaneKey.Of(interned);
                if (key.RunFlush != flush) NewRun(key, flush);
                var run = key.Run;
                _targets[at++] = run;
                _next[run]++;
                _broughtBy[run] |= source;
            }
        }
    }

    // Sources beyond the numbers that there are share the last.
    private int NumberOf(Source source, ulong flush)
    {
        if (source.NumberFlush != flush)
        {
            Series.Sources.Open(source);
            source.NumberFlush = flush;
            source.Number = Math.Min(_sources.Count, SharedNumber);
            _sources.Add(source);
        }

        return source.Number;
    }

    private void NewRun(LaneKey key, ulong flush)
    {
        if (Keys == _keys.Length)
        {
            Array.Resize(ref _keys, Keys * 2);
            Array.Resize(ref _broughtBy, Keys * 2);
            Array.Resize(ref _next, Keys * 2);
            Array.Resize(ref _starts, (Keys * 2) + 1);
        }

        key.RunFlush = flush;
        key.Run = Keys;
        _keys[Keys] = key;
        _broughtBy[Keys] = 0;
        _next[Keys++] = 0;
    }

    private void Scatter()
    {
        var start = 0;
        for (var run = 0; run < Keys; run++)
        {
            _starts[run] = start;
            start += _next[run];
            _next[run] = _starts[run];
        }

        _starts[Keys] = start;
        var at = 0;
        foreach (var queued in _messages)
        {
            var from = queued.Message!.Columns;
            var targets = _targets.AsSpan(at, from.Count);
            at += from.Count;

            // First the target index of each tick, then column by column: every pass reads one array in order.
            for (var i = 0; i < targets.Length; i++) targets[i] = _next[targets[i]]++;
            Scatter(from.Times, targets, Columns.Times);
            Scatter(from.Sequences, targets, Columns.Sequences);
            for (var f = 0; f < Columns.Fields.Length; f++) Scatter(from.Fields[f], targets, Columns.Fields[f]);
            if (Columns.Present is { } present) Scatter(from.Present!, targets, present);
        }
    }

    private static void Scatter<T>(T[] from, ReadOnlySpan<int> targets, T[] to)
    {
        for (var i = 0; i < targets.Length; i++) to[targets[i]] = from[i];
    }

    private void CutIntoBuckets(int run)
    {
        int start = StartOf(run), end = start + CountOf(run);
        var times = Columns.Times;
        while (start < end)
        {
            var bucket = Series.Model.BucketOf(times[start]);
            var bucketEnd = Series.Model.EndOf(bucket);
            var stop = start + 1;
            if (times[end - 1] < bucketEnd) stop = end;
            else while (stop < end && times[stop] < bucketEnd) stop++;
            Segments.Add(new BucketSegment(run, bucket, start, stop - start));
            start = stop;
        }
    }
}

/// <summary>Ticks of one key in one bucket within a <see cref="FlushGroup"/>.</summary>
internal readonly record struct BucketSegment(int Run, long BucketStart, int Start, int Count);
