using System.Numerics;
using Tikr.Core.Rollup;
using Tikr.Core.Wire;
using Tikr.Storage;

namespace Tikr.Tests.Properties.Model;

/// <summary>The promises: while things happen, and in the end.</summary>
internal sealed partial class Ledger
{
    private const int MostPrefixes = 256;

    /// <summary>A tick is accepted only where its bar can still be exact.</summary>
    public void Accepted(Series series, TickMessage message)
    {
        if (!IsOurs(series.Id)) return;
        Ticks = (Ticks.Sent + message.Received, Ticks.Accepted + message.Columns.Count);
        for (var i = 0; i < message.Columns.Count; i++)
        {
            var bucket = Model.BucketOf(message.Columns.Times[i]);
            Assert.True(bucket >= _completeFrom(), $"A tick of bucket {bucket} is accepted, ticks are complete from {_completeFrom()}.");
        }
    }

    /// <summary>
    /// Each publication is news, and nothing but the truth up to some flush of each epoch: revisions rise by one, content changes, no tick
    /// is lost again, none counts twice, and none is missing before one that is in it.
    /// </summary>
    public void Stored(BarWrite write, Bar? before, Bar after)
    {
        if (!IsOurs(write.Series.Id)) return;
        Assert.Equal((before?.Revision ?? -1) + 1, after.Revision);
        if (before is not null) Assert.False(before.SameContent(after), $"Revision {after.Revision} of {after.BucketStart} is no news.");
        if (_everDedup) return;
        Assert.True(after.TickCount >= BitOperations.PopCount((ulong)after.Values[0]));
        Assert.True(IsPrefix(write.KeyId, after), $"{after} of key {write.KeyId} is not the bar of whole flushes.");
        if (before is null) return;
        Assert.Equal(before.Values[0], before.Values[0] & after.Values[0]);
        Assert.True(after.TickCount >= before.TickCount);
    }

    /// <summary>
    /// A bar stored from a state holds whatever had been committed before the node started that made it, but for what nodes that live
    /// beside it had not delivered: they bring it later.
    /// </summary>
    public void StoredFromState(BarWrite write, int committedBefore, IReadOnlySet<uint> beside)
    {
        if (_everDedup || write.Bar.BucketStart < _completeFrom()) return;
        var missing = _committed.Take(committedBefore).Where(tick => tick.Tick.KeyId == write.KeyId && !beside.Contains(tick.Flush.Epoch)
            && Model.BucketOf(tick.Tick.Time) == write.Bar.BucketStart && (tick.Bit & write.Bar.Values[0]) != tick.Bit).ToList();
        Assert.True(missing.Count == 0, $"{write.Bar} was written from a state without {string.Join(", ", missing)}");
    }

    /// <summary>What is said to be covered is in the stored bar.</summary>
    public void Covered(ushort seriesId, uint keyId, long bucketStart, uint epoch, ulong throughFlush)
    {
        if (!IsOurs(seriesId) || bucketStart < _completeFrom()) return;
        var ticks = TicksOf(keyId, bucketStart).Where(tick => tick.Flush.Epoch == epoch && tick.Flush.Flush <= throughFlush).ToList();
        if (ticks.Count > 0) CheckHeld(keyId, bucketStart, ticks, $"covers {epoch}/{throughFlush}");
    }

    /// <summary>A manifest goes only when stored bars hold its ticks, or can have none any more.</summary>
    public void Retired(Manifest manifest)
    {
        foreach (var pair in _flushes[manifest.Id].GroupBy(tick => (tick.Tick.KeyId, Bucket: Model.BucketOf(tick.Tick.Time))))
        {
            if (pair.Key.Bucket >= _completeFrom()) CheckHeld(pair.Key.KeyId, pair.Key.Bucket, [.. pair], $"{manifest.Id} retired");
        }
    }

    private void CheckHeld(uint keyId, long bucketStart, List<LedgerTick> ticks, string why)
    {
        var bar = disk.BarOf(_series, keyId, bucketStart);
        Assert.True(bar is not null, $"{why}: key {keyId}, bucket {bucketStart} has no bar.");
        if (_everDedup) return;
        Assert.True(bar.TickCount >= ticks.Count, $"{why}: {bar} has fewer than {ticks.Count} ticks.");
        Assert.True(ticks.TrueForAll(tick => (tick.Bit & bar.Values[0]) == tick.Bit), $"{why}: {string.Join(", ", ticks)} not in {bar}.");
    }

    // The greatest flush of each epoch that shows in the bar, or one further where only ticks follow that all look alike.
    private bool IsPrefix(uint keyId, Bar bar)
    {
        List<List<LedgerTick>> prefixes = [[]];
        foreach (var epoch in TicksOf(keyId, bar.BucketStart).GroupBy(tick => tick.Flush.Epoch))
        {
            var flushes = epoch.GroupBy(tick => tick.Flush.Flush).OrderBy(flush => flush.Key).Select(flush => flush.ToList()).ToList();
            var shown = flushes.FindLastIndex(flush => flush.Exists(tick => (tick.Bit & bar.Values[0]) != 0)) + 1;
            var most = shown;
            while (most < flushes.Count && flushes[most].TrueForAll(tick => tick.Bit == 0)) most++;
            var longer = Enumerable.Range(shown, most - shown + 1).Select(count => flushes.Take(count).SelectMany(flush => flush).ToList());
            prefixes = [.. prefixes.SelectMany(prefix => longer.Select(more => (List<LedgerTick>)[.. prefix, .. more]))];
            if (prefixes.Count > MostPrefixes) return true;
        }

        return prefixes.Exists(prefix => prefix.Count > 0 && BarOf(prefix).SameContent(bar));
    }

    /// <summary>
    /// Every bar is one sorted pass over the committed ticks under the spec of now, whatever it was before; none is missing, none is extra;
    /// the outbox tells the same story.
    /// </summary>
    public void CheckStored()
    {
        var from = _completeFrom();
        var expected = _committed.GroupBy(tick => new BucketRef(tick.Tick.KeyId, Model.BucketOf(tick.Tick.Time)))
            .Where(pair => pair.Key.BucketStart >= from).ToDictionary(pair => pair.Key, BarOf);
        var stored = disk.BarsOf(_series).Where(bar => bar.Bar.BucketStart >= from)
            .ToDictionary(bar => new BucketRef(bar.KeyId, bar.Bar.BucketStart), bar => bar.Bar);
        Assert.Empty(stored.Keys.Except(expected.Keys));
        Assert.Empty(expected.Keys.Except(stored.Keys));
        foreach (var (pair, bar) in expected) Assert.True(bar.SameContent(stored[pair]), $"{pair}: expected {bar}, stored {stored[pair]}");
        foreach (var published in disk.OutboxEntries.Where(entry => entry.Bar is not null && IsOurs(entry.Series.Id)).GroupBy(
            entry => (entry.Series.Model.Spec.RollupNs, Pair: new BucketRef(entry.KeyId, entry.Bar!.BucketStart))))
        {
            Assert.Equal(Enumerable.Range(0, published.Count()), published.Select(entry => entry.Bar!.Revision));
            var last = published.Last();
            if (last.Series.Model.Spec.RollupNs == Model.Spec.RollupNs && last.Series.Model.Spec.Metrics.SequenceEqual(Model.Spec.Metrics)
                && expected.TryGetValue(published.Key.Pair, out var bar)) Assert.True(bar.SameContent(last.Bar!));
        }
    }
}
