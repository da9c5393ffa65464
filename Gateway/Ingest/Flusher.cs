using System.Diagnostics;
using Tikr.Core.Time;
using Tikr.Storage;

namespace Tikr.Gateway.Ingest;

/// <summary>Takes one batch through grouping, encoding, commit and fold. Belongs to the flush loop.</summary>
internal sealed class Flusher(
    uint epoch, IReadOnlyList<SeriesIntake> series, ITickStore store, Combiner combiner,
        IngestOptions options, TimeProvider time, IngestObserver observer, OutboxLayout? outbox = null)
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(20), LongestRetry = TimeSpan.FromSeconds(1);
    private readonly Dictionary<SeriesIntake, FlushGroup> _groups = series.ToDictionary(s => s, s => new FlushGroup(s));
    private readonly FlushEncoder _encoder = new();
    private readonly FlushCommit _commit = new();

    /// <summary>Number of the last flush begun.</summary>
    public ulong Flush { get; private set; }

    /// <summary>Makes a batch durable and folds it. Never throws: a failure goes to the streams of the batch.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="stopping">Cuts retries short.</param>
    public void Run(FlushBatch batch, CancellationToken stopping)
    {
        var started = Stopwatch.GetTimestamp();
        Exception? failure = null;
        try
        {
            if (batch.Ticks > 0) failure = MakeDurable(batch, stopping);
            AdvanceFeeds(batch, folded: failure is null);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            failure = error;
        }

        if (failure is null) batch.Complete();
        else batch.Fail(failure);
        if (batch.Ticks > 0) observer.Flushed(batch.Ticks, Stopwatch.GetElapsedTime(started), failure);
        foreach (var group in _groups.Values) group.Clear();
        batch.Release();
    }

    /// <summary>Tries an empty commit, so that it is known what became of those before it.</summary>
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
            observer.CommitRetried(Flush, error);
        }
    }

    private Exception? MakeDurable(FlushBatch batch, CancellationToken stopping)
    {
        Flush++;
        Prepare(batch);
        var failure = Commit(stopping);

        // A full store refused the whole flush. After any other failure only the store knows whether it has the ticks.
        if (failure is StoreFullException) return failure;
        var nowNs = time.GetUnixNanoseconds();
        if (failure is null && _commit.Routed.Count > 0) CountRouted(batch);
        foreach (var group in _groups.Values)
        {
            if (group.Keys == 0) continue;
            combiner.Fold(group, Flush, batch.FirstReceivedNs, nowNs);
            if (failure is null) observer.Accepted(group.Series, group.Columns.Count);
        }

        return failure;
    }

    private void CountRouted(FlushBatch batch)
    {
        foreach (var pending in batch.Messages)
        {
            if (pending.Message?.Late.Count > 0) observer.Routed(pending.Series, pending.Message.Late.Count);
        }
    }

    private void Prepare(FlushBatch batch)
    {
        foreach (var pending in batch.Messages)
        {
            if (pending.Message?.Columns.Count > 0) _groups[pending.Series].Add(pending);
        }

        _commit.Clear();
        _commit.Id = new FlushId(epoch, Flush);
        foreach (var pending in batch.Messages)
        {
            if (pending.Message?.Late.Count > 0) LateEncoder.Encode(pending.Series, pending.Message, outbox!, _commit);
        }

        _encoder.Begin();
        foreach (var group in _groups.Values)
        {
            group.Build(Flush);
            if (group.Keys > 0) _encoder.Encode(group, _commit);
        }
    }

    private Exception? Commit(CancellationToken stopping)
    {
        var started = time.GetTimestamp();
        Exception? unknown = null;
        for (var pause = FirstRetry; ; pause = pause * 2 < LongestRetry ? pause * 2 : LongestRetry)
        {
            try
            {
                CommitOnce();
                return null;
            }
            catch (StoreFullException full)
            {
                // It may have taken an attempt before it was full.
                return unknown ?? full;
            }
            catch (Exception error) when (error is not OutOfMemoryException)
            {
                unknown = error;
                if (stopping.IsCancellationRequested || time.GetElapsedTime(started) >= options.CommitTimeout) return error;
                observer.CommitRetried(Flush, error);
                stopping.WaitHandle.WaitOne(pause);
            }
        }
    }

    private void CommitOnce()
    {
        var commit = store.CommitAsync(_commit, CancellationToken.None);
        if (!commit.IsCompletedSuccessfully) commit.AsTask().GetAwaiter().GetResult();
        combiner.Committed(_commit.Id.Flush);
    }

    private void AdvanceFeeds(FlushBatch batch, bool folded)
    {
        var nowNs = time.GetUnixNanoseconds();
        foreach (var pending in batch.Messages)
        {
            if (pending.Message is null) pending.Series.Feeds.Close(pending.Feed);
            else if (folded) pending.Feed.Advance(pending.Message.MaxTimeNs, nowNs);
        }
    }
}
