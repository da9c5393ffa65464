using System.Numerics;
using Tikr.Core.Rollup;
using Tikr.Core.Specs;
using Tikr.Core.Ticks;
using Tikr.Storage;
using Tikr.Tests.Support.Memory;

namespace Tikr.Tests.Properties.Model;

/// <summary>
/// What was committed, and the promises checked against it. Most ticks of a pair have their own bit in the field that the bar sums, so a
/// bar tells exactly which of them are in it, and one counted twice shows; the others are all alike, so that different ticks give equal
/// bars.
/// </summary>
internal sealed class Ledger(SeriesModel model, MemoryDisk disk)
{
    private const int MaxTicksPerPair = 60;
    private static readonly uint[] EveryKey = [.. Enumerable.Range(1, 8).Select(key => (uint)key)];
    private readonly Dictionary<BucketRef, int> _made = [];
    private readonly List<CommittedTick> _committed = [];
    private readonly Dictionary<FlushId, List<CommittedTick>> _flushes = [];

    private bool Dedup => model.Spec.Dedup == DedupPolicy.Sequence;

    /// <summary>A few new ticks: few distinct times and sequences, so that ties are common.</summary>
    public List<TestTick> NewTicks(Step step, long origin, int keys, int buckets, long earliest, long latest)
    {
        var random = new Random((step.A * 1_001) + step.B);
        var ticks = new List<TestTick>();
        for (var n = 1 + random.Next(4); n > 0; n--)
        {
            var pair = new BucketRef(1 + (uint)random.Next(keys), origin + (random.Next(buckets) - 2) * TestSeries.Second);
            var made = _made.GetValueOrDefault(pair);
            if (made >= MaxTicksPerPair || pair.BucketStart < earliest || pair.BucketStart + TestSeries.Second > latest) continue;
            _made[pair] = made + 1;
            ticks.Add(random.Next(4) == 0
                ? new TestTick(pair.KeyId, pair.BucketStart, 0, 0, 0)
                : new TestTick(pair.KeyId, pair.BucketStart + random.Next(3), (uint)random.Next(2), 1L << made, random.Next(5)));
        }

        return ticks;
    }

    /// <summary>Reads what a commit holds: from now on its ticks count.</summary>
    public void Committed(FlushCommit commit)
    {
        var ticks = new List<CommittedTick>();
        var reader = new TickBlockReader(model, _series!.Model.FieldIds);
        foreach (var block in commit.Blocks) Read(reader, commit, block, ticks);
        _flushes[commit.Id] = ticks;
        _committed.AddRange(ticks);
    }

    private void Read(TickBlockReader reader, FlushCommit commit, EncodedBlock block, List<CommittedTick> into)
    {
        var (columns, runs) = (model.NewColumns(), new List<KeyRun>());
        var bytes = commit.Bytes.WrittenSpan.Slice(block.Offset, block.Length).ToArray();
        reader.Read(bytes, block.Group, EveryKey, 0, long.MaxValue, columns, runs);
        foreach (var run in runs)
        {
            for (var i = 0; i < run.Count; i++)
            {
                var at = run.Start + i;
                long[] fields = [.. columns.Fields.Select(field => field[at])];
                into.Add(new CommittedTick(
                    new TestTick(run.KeyId, columns.Times[at], columns.Sequences[at], fields),
                    TickPosition.Of(commit.Id.Epoch, commit.Id.Flush, run.FirstRank + (uint)i)));
            }
        }
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
        foreach (var tick in _flushes[manifest.Id])
        {
            var bucket = model.BucketOf(tick.Tick.Time);
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
    public void CheckStored(Series series, long completeFrom)
    {
        var expected = _committed.GroupBy(tick => new BucketRef(tick.Tick.KeyId, model.BucketOf(tick.Tick.Time)))
            .Where(pair => pair.Key.BucketStart >= completeFrom).ToDictionary(pair => pair.Key, pair => SortedPass.BarOf(model, pair));
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

    private Series? _series;
    private long _completeFrom;

    /// <summary>How the series is known to the store, and from where on its ticks are complete.</summary>
    public void Know(Series series, long completeFrom) => (_series, _completeFrom) = (series, completeFrom);
}
