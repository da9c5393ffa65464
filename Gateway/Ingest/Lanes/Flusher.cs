using System.Diagnostics;
using Tikr.Core.Time;
using Tikr.Core.Wire;
using Tikr.Storage;

namespace Tikr.Gateway.Ingest.Lanes;

/// <summary>
/// Takes one batch through grouping, encoding, commit and fold. A commit that fails is tried again by <see cref="Retry"/> until its time is
/// up; until then the batch is the flusher's, and no other can begin. Belongs to the lane.
/// </summary>
internal sealed class Flusher(uint epoch, LaneSeriesSet series, Combiner combiner, LaneServices services)
{
    private static readonly long FirstPauseNs = TimeSpan.FromMilliseconds(20).ToNanoseconds();

    // Below that it is how far apart two readings of the clocks are.
    private static readonly long LeastStepNs = TimeSpan.FromMilliseconds(200).ToNanoseconds();
    private static readonly long LongestPauseNs = TimeSpan.FromSeconds(1).ToNanoseconds();
    private readonly FlushEncoder _encoder = new();
    private readonly FlushCommit _commit = new();
    private FlushBatch? _batch;
    private Exception? _unknown;
    private long _began, _giveUpNs, _pauseNs;

    /// <summary>Number of the last flush begun.</summary>
    public ulong Flush { get; private set; }

    /// <summary>Whether a commit has failed and is to be tried again.</summary>
    public bool IsRetrying => _batch is not null;

    /// <summary>When it is, monotonic nanoseconds.</summary>
    public long NextAttemptNs { get; private set; }

    /// <summary>Ticks of the batch that was settled last: committed, or failed.</summary>
    public int SettledTicks { get; private set; }

    private LaneServices Services { get; } = services;

    /// <summary>Makes a batch durable and folds it. Never throws: a failure goes to the streams of the batch.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="giveUp">Whether a commit that fails is not tried again.</param>
    /// <returns>Whether the batch is settled; else <see cref="Retry"/> goes on with it.</returns>
    public bool Run(FlushBatch batch, bool giveUp)
    {
        Debug.Assert(!IsRetrying, "One flush at a time.");
        _batch = batch;
        _began = Services.Time.GetTimestamp();
        if (batch.Ticks == 0) return Settle(null);
        _unknown = null;
        _pauseNs = FirstPauseNs;
        _giveUpNs = Instant.MonotonicOf(Services.Time) + Services.Options.CommitTimeout.ToNanoseconds();
        try
        {
            Prepare(batch);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            return Settle(error);
        }

        return Retry(giveUp);
    }

    /// <summary>Tries the commit under way once more.</summary>
    public bool Retry(bool giveUp)
    {
        try
        {
            CommitOnce();
        }
        catch (TicksTooOldException refused) when (_unknown is null)
        {
            return RunWithoutOld(refused, giveUp);
        }
        catch (StoreSealedException dead)
        {
            // The store has looked for the flush, and it will never be there: whatever was unknown is decided.
            return Settle(dead);
        }
        catch (Exception refused) when (refused is StoreFullException or TicksTooOldException)
        {
            // It may have taken an attempt before it refused this one. If not, it refused the whole flush, and there is nothing to fold.
            return Settle(_unknown ?? refused, isFoldable: _unknown is not null);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            _unknown = error;
            var now = Instant.MonotonicOf(Services.Time);
            if (giveUp || now >= _giveUpNs) return Settle(error, isFoldable: true);
            Services.Observer.CommitRetried(Flush, error);
            NextAttemptNs = now + _pauseNs;
            _pauseNs = Math.Min(_pauseNs * 2, LongestPauseNs);
            return false;
        }

        return Settle(null, isFoldable: true);
    }

    // The store has deleted ticks of some buckets since these were received: without them the flush begins anew. Each time it is shorter.
    private bool RunWithoutOld(TicksTooOldException refused, bool giveUp)
    {
        try
        {
            if (!RejectOld(_batch!)) return Settle(refused);
            Prepare(_batch!);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            return Settle(error);
        }

        return Retry(giveUp);
    }

    /// <summary>Takes out what is too old by now; false if there is nothing.</summary>
    private bool RejectOld(FlushBatch batch)
    {
        var rejected = 0;
        foreach (var queued in batch.Messages)
        {
            if (queued.Message is not { Columns.Count: > 0 } message) continue;
            var earliest = queued.Series.Model.FirstBucketFrom(Services.Ticks.CompleteFrom(queued.Series.Series));
            if (message.MinTimeNs >= earliest) continue;
            var before = message.Columns.Count;
            if (!batch.Rejected.TryGetValue(queued.Source.Stream, out var tally))
                batch.Rejected[queued.Source.Stream] = tally = new RejectionTally();
            message.RejectBefore(earliest, tally);
            Services.Observer.RejectedAtCommit(queued.Series, before - message.Columns.Count);
            rejected += before - message.Columns.Count;
        }

        return rejected > 0;
    }

    /// <summary>Tries an empty commit, which tells the outcome of those before it.</summary>
    public void Decide()
    {
        _commit.Clear();
        _commit.Id = new FlushId(epoch, ++Flush);
        try
        {
            CommitOnce();
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            Services.Observer.CommitRetried(Flush, error);
        }
    }

    private void Prepare(FlushBatch batch)
    {
        Flush++;
        foreach (var one in series.All) one.Group.Clear();
        foreach (var queued in batch.Messages)
        {
            if (queued.Message?.Columns.Count > 0) series.Of(queued.Series).Group.Add(queued);
        }

        _commit.Clear();
        _commit.Id = new FlushId(epoch, Flush);
        foreach (var queued in batch.Messages)
        {
            if (queued.Message?.Late.Count > 0)
                LateEncoder.Encode(queued.Series, queued.Message, Services.Outbox!, _commit);
        }

        _encoder.Begin();
        foreach (var one in series.All)
        {
            one.Group.Build(Flush);
            if (one.Group.Keys > 0) _encoder.Encode(one.Group, _commit);
        }
    }

    private void CommitOnce()
    {
        var commit = Services.Ticks.CommitAsync(_commit, CancellationToken.None);
        if (!commit.IsCompletedSuccessfully) commit.AsTask().GetAwaiter().GetResult();
        combiner.Committed(_commit.Id.Flush);
    }

    // Of a flush whose commit failed only the store knows whether it has the ticks: it is folded too, and its bars are recomputed.
    private bool Settle(Exception? failure, bool isFoldable = false)
    {
        var batch = _batch!;
        try
        {
            if (isFoldable) Fold(batch, failure);
            AdvanceSources(batch, isFolded: failure is null);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            failure = error;
        }

        if (failure is null) batch.Complete();
        else batch.Fail(failure);
        var stored = batch.Ticks - (int)batch.Rejected.Values.Sum(tally => tally.Total);
        if (stored > 0) Services.Observer.Flushed(stored, Services.Time.GetElapsedTime(_began), failure);
        foreach (var one in series.All) one.Group.Clear();
        SettledTicks = batch.Ticks;
        batch.Release();
        _batch = null;
        return true;
    }

    private void Fold(FlushBatch batch, Exception? failure)
    {
        var now = Instant.Of(Services.Time);
        var stepped = now.UnixNs - batch.FirstReceived.UnixNs - (now.MonotonicNs - batch.FirstReceived.MonotonicNs);
        if (stepped < LeastStepNs) stepped = 0;
        if (failure is null && _commit.Routed.Count > 0) CountRouted(batch);
        foreach (var one in series.All)
        {
            if (one.Group.Keys == 0) continue;
            FoldGroup(one.Group, batch.FirstReceived, now.MonotonicNs, stepped);
            if (failure is null) Services.Observer.Accepted(one.Ingest, one.Group.Columns.Count);
        }
    }

    // Its ticks are stored, whatever is wrong with folding them: without cells of their own nobody would ever make their bars.
    private void FoldGroup(FlushGroup group, in Instant received, long nowNs, long steppedNs)
    {
        try
        {
            combiner.Fold(group, Flush, received, nowNs, steppedNs);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            Services.Observer.LaneFailed(error);
            combiner.Fold(group, Flush, received, nowNs, steppedNs, recompute: true);
        }
    }

    private void CountRouted(FlushBatch batch)
    {
        foreach (var queued in batch.Messages)
        {
            if (queued.Message?.Late.Count > 0) Services.Observer.Routed(queued.Series, queued.Message.Late.Count);
        }
    }

    private void AdvanceSources(FlushBatch batch, bool isFolded)
    {
        foreach (var queued in batch.Messages)
        {
            if (queued.Message is null) Close(queued);
            else if (isFolded) queued.Source.Stream.Advance(queued.Message.MaxTimeNs);
        }
    }

    private void Close(in QueuedMessage end)
    {
        end.Source.HasEnded = true;
        series.Find(end.Series)?.Sources.Close(end.Source);
    }
}
