using System.Numerics;
using Tikr.Core.Rollup;
using Tikr.Core.Specs;
using Tikr.Storage;
using Tikr.Tests.Support.Memory;

namespace Tikr.Tests.Properties.Model;

/// <summary>
/// What was committed, and the promises checked against it. Most ticks of a pair have their own bit in the field that the bar sums, so a
/// bar tells exactly which of them are in it, and one counted twice shows; the others are all alike, so that different ticks give equal
/// bars.
/// </summary>
internal sealed class Ledger(SeriesPlan plan, MemoryDisk disk)
{
    private const int MaxTicksPerPair = 60;
    private readonly Dictionary<BucketRef, int> _made = [];
    private readonly List<CommittedTick> _committed = [];
    private readonly Dictionary<FlushId, TestFlush> _flushes = [];

    private bool Dedup => plan.Spec.Dedup == DedupPolicy.Sequence;

    /// <summary>A few new ticks: few distinct times and sequences, so that ties are common.</summary>
    public List<TestTick> NewTicks(Step step, long origin, int keys, int buckets, long earliest)
    {
        var random = new Random((step.A * 1_001) + step.B);
        var ticks = new List<TestTick>();
        for (var n = 1 + random.Next(4); n > 0; n--)
        {
            var pair = new BucketRef(1 + (uint)random.Next(keys), origin + (random.Next(buckets) - 2) * TestSeries.Second);
            var made = _made.GetValueOrDefault(pair);
            if (made >= MaxTicksPerPair || pair.BucketStart < earliest) continue;
            _made[pair] = made + 1;
            ticks.Add(random.Next(4) == 0
                ? new TestTick(pair.KeyId, pair.BucketStart, 0, 0, 0)
                : new TestTick(pair.KeyId, pair.BucketStart + random.Next(3), (uint)random.Next(2), 1L << made, random.Next(5)));
        }

        return ticks;
    }

    public void Committed(TestFlush flush)
    {
        _flushes[flush.Id] = flush;
        _committed.AddRange(flush.Ticks);
    }

    /// <summary>Each publication is news: revisions rise by one, content changes, no tick is lost again and none counts twice.</summary>
    public void Stored(BarWrite write, Bar? before, Bar after)
    {
        Assert.Equal((before?.Revision ?? -1) + 1, after.Revision);
        if (!Dedup) Assert.True(after.TickCount >= BitOperations.PopCount((ulong)after.Values[0]));
        if (before is null) return;
        Assert.False(before.SameContent(after), $"Revision {after.Revision} of {after.BucketStart} is no news.");
        if (!Dedup) Assert.Equal(before.Values[0], before.Values[0] & after.Values[0]);
        Assert.True(after.TickCount >= before.TickCount);
    }

    /// <summary>A manifest goes only when stored bars hold its ticks, or can have none any more.</summary>
    public void Retired(Manifest manifest)
    {
        var flush = _flushes[manifest.Id];
        foreach (var tick in flush.Ticks)
        {
            var bucket = plan.BucketOf(tick.Tick.Time);
            if (bucket < _completeFrom) continue;
            var bar = disk.BarOf(_series!, tick.Tick.KeyId, bucket);
            Assert.True(bar is not null, $"{manifest.Id} retired without a bar of key {tick.Tick.KeyId}, bucket {bucket}.");
            if (!Dedup) Assert.True((bar.Values[0] & tick.Tick.Fields[0]) == tick.Tick.Fields[0],
                $"{manifest.Id} retired, {tick} is not in {bar}.");
        }
    }

    /// <summary>
    /// Every bar is one sorted pass over the committed ticks; none is missing, none is extra; the outbox tells the same story.
    /// </summary>
    public void CheckStored(SeriesHandle series, long completeFrom)
    {
        var expected = _committed.GroupBy(tick => new BucketRef(tick.Tick.KeyId, plan.BucketOf(tick.Tick.Time)))
            .Where(pair => pair.Key.BucketStart >= completeFrom).ToDictionary(pair => pair.Key, pair => SortedPass.BarOf(plan, pair));
        var stored = disk.BarsOf(series).Where(bar => bar.Bar.BucketStart >= completeFrom)
            .ToDictionary(bar => new BucketRef(bar.KeyId, bar.Bar.BucketStart), bar => bar.Bar);
        Assert.Equal(expected.Keys.Order(PairOrder), stored.Keys.Order(PairOrder));
        foreach (var (pair, bar) in expected) Assert.True(bar.SameContent(stored[pair]), $"{pair}: expected {bar}, stored {stored[pair]}");
        foreach (var published in disk.OutboxEntries.GroupBy(entry => new BucketRef(entry.KeyId, entry.Bar!.BucketStart)))
        {
            Assert.Equal(Enumerable.Range(0, published.Count()), published.Select(entry => entry.Bar!.Revision));
            if (stored.TryGetValue(published.Key, out var last)) Assert.True(last.SameContent(published.Last().Bar!));
        }
    }

    private static readonly Comparer<BucketRef> PairOrder =
        Comparer<BucketRef>.Create((left, right) => (left.KeyId, left.BucketStart).CompareTo((right.KeyId, right.BucketStart)));

    private SeriesHandle? _series;
    private long _completeFrom;

    /// <summary>How the series is known to the store, and from where on its ticks are complete.</summary>
    public void Know(SeriesHandle series, long completeFrom) => (_series, _completeFrom) = (series, completeFrom);
}
