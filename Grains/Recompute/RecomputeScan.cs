using Microsoft.Extensions.Logging;
using Tikr.Core.Rollup;
using Tikr.Core.Specs;
using Tikr.Storage;

namespace Tikr.Grains.Recompute;

/// <summary>
/// Serves a batch of requests with few scans. What a result claims (expected revision, coverage) is fixed before its scan begins;
/// complete_from is looked at after the scan, because it is raised before ticks go.
/// </summary>
internal sealed class RecomputeScan(ITickStore ticks, IBarStore bars, ILogger logger)
{
    private const int MaxPairs = 16_384, MaxDedupPairs = 2_048;
    private readonly PlainFold _plain = new();
    private readonly DedupFold _dedup = new();
    private readonly List<RecomputeItem> _unknown = [];
    private readonly ScanPlan _plan = new(MaxPairs), _dedupPlan = new(MaxDedupPairs);

    /// <summary>Answers every item, in place of throwing. Sorts the list.</summary>
    public async ValueTask RunAsync(List<RecomputeItem> items, CancellationToken cancellation)
    {
        items.Sort(ScanPlan.Compare);
        for (var start = 0; start < items.Count;)
        {
            var dedup = items[start].Series.Model.Spec.Dedup == DedupPolicy.Sequence;
            var (end, read, pairs) = (dedup ? _dedupPlan : _plan).Next(items, start);
            var answered = start;
            try
            {
                TickFold fold = dedup ? _dedup : _plain;
                var coverage = await ScanAsync(items, start, end, read, pairs, fold, cancellation).ConfigureAwait(false);
                var completeFrom = ticks.CompleteFrom(read.Series);
                for (; answered < end; answered++) items[answered].Completed(ResultOf(items[answered], fold, coverage, completeFrom));
            }
            catch (Exception error)
            {
                Log.Origin(logger, error);
                Log.RecomputeFailed(logger, read.Series.Name, error.GetBaseException().Message);
                for (; answered < end; answered++) Fail(items[answered], error);
            }

            start = end;
        }
    }

    // The loop serves the whole silo: one requester's mistake must not end it.
    private void Fail(RecomputeItem item, Exception error)
    {
        try
        {
            item.Failed(error);
        }
        catch (Exception mistake)
        {
            Log.AnswerNotTaken(logger, mistake);
        }
    }

    private async ValueTask<FlushVector> ScanAsync(
        List<RecomputeItem> items, int start, int end, TickRead read, int pairs, TickFold fold, CancellationToken cancellation)
    {
        var model = read.Series.Model;
        fold.Begin(model, pairs);
        _unknown.Clear();
        for (var i = start; i < end; i++)
        {
            var item = items[i];
            fold.Want(item.KeyId, item.BucketStart, item.Place);
            if (item.ExpectedRevision == RecomputeItem.Unknown) _unknown.Add(item);
        }

        await FindRevisionsAsync(read.Series, cancellation).ConfigureAwait(false);
        var coverage = await ticks.ReadCommittedAsync(cancellation).ConfigureAwait(false);
        await foreach (var batch in ticks.ReadAsync(read, cancellation).ConfigureAwait(false)) fold.Add(batch);
        fold.End();
        return coverage;
    }

    private async ValueTask FindRevisionsAsync(Series series, CancellationToken cancellation)
    {
        if (_unknown.Count == 0) return;
        var stored = await bars.FindManyAsync(
            series, [.. _unknown.Select(item => new BucketRef(item.KeyId, item.BucketStart))], cancellation).ConfigureAwait(false);
        for (var i = 0; i < stored.Length; i++) _unknown[i].ExpectedRevision = stored[i]?.Revision ?? -1;
    }

    private static RecomputeResult ResultOf(RecomputeItem item, TickFold fold, in FlushVector coverage, long completeFrom)
    {
        var expected = item.ExpectedRevision;
        if (item.BucketStart < completeFrom) return new RecomputeResult(RecomputeKind.Incomplete, null, coverage, expected);
        var state = fold.StateOf(item.Place);
        if (SeriesModel.TicksIn(state) == 0) return new RecomputeResult(RecomputeKind.NoTicks, null, coverage, expected);
        var bar = item.Series.Model.ToBar(state, item.BucketStart, out var overflows);
        var (all, fresh) = fold.RepeatsOf(item.Place, item.FirstUncovered);
        return new RecomputeResult(RecomputeKind.Bar, bar, coverage, expected, overflows, all, fresh);
    }
}
