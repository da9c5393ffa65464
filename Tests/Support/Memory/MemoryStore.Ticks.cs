using System.Buffers;
using System.Runtime.CompilerServices;
using Tikr.Core.Rollup;
using Tikr.Core.Ticks;
using Tikr.Core.Time;
using Tikr.Storage;

namespace Tikr.Tests.Support.Memory;

/// <summary>The tick log.</summary>
public sealed partial class MemoryStore
{
    private FlushCommit? _delayed;

    /// <inheritdoc/>
    public ValueTask<FlushVector> ReadCommittedAsync(CancellationToken cancellation)
    {
        lock (Gate)
        {
            CheckAlive();
            return new(Disk.Committed);
        }
    }

    /// <inheritdoc/>
    public ValueTask<uint> AllocateEpochAsync(CancellationToken cancellation)
    {
        return new(Attempt(StoreWrite.Epoch, () =>
        {
            Known(_self).Epochs.Add(++Disk.Epoch);
            return Disk.Epoch;
        }));
    }

    /// <inheritdoc/>
    public ValueTask CommitAsync(FlushCommit commit, CancellationToken cancellation)
    {
        var fault = Faults.OnCommit?.Invoke(commit) ?? Fault.None;
        if (fault == Fault.Delayed) Delay(commit);
        if (_delayed?.Id != commit.Id) ShowDelayed();
        Attempt(StoreWrite.Commit, () => CommitOnce(commit), fault);
        return default;
    }

    /// <summary>A commit that failed is there all the same now.</summary>
    public void ShowDelayed()
    {
        lock (Gate)
        {
            if (_delayed is { } delayed && !_crashed && !IsTooOld(delayed) && !Known(_self).IsSealed) CommitOnce(delayed);
            _delayed = null;
        }
    }

    private void Delay(FlushCommit commit)
    {
        lock (Gate)
        {
            CheckAlive();
            _delayed = new FlushCommit { Id = commit.Id };
            _delayed.Bytes.Write(commit.Bytes.WrittenSpan);
            _delayed.Blocks.AddRange(commit.Blocks);
            _delayed.Manifest.AddRange(commit.Manifest.Select(section => section with { Pairs = [.. section.Pairs] }));
            _delayed.Routed.AddRange(commit.Routed);
        }

        throw new StoreUnavailableException($"Flush {commit.Id} is held up on request.");
    }

    private bool IsTooOld(FlushCommit commit) =>
        commit.Manifest.Exists(section => section.LeastBucket < Disk.CompleteFrom.GetValueOrDefault(section.SeriesId));

    private void CommitOnce(FlushCommit commit)
    {
        if (Disk.Ledger.Contains(commit.Id)) return;
        CheckNotSealed();
        if (IsTooOld(commit)) throw new TicksTooOldException(commit.Id);
        if (IngestBlockedReason is { } reason) throw new StoreFullException(reason);
        Store(commit);
        Faults.OnCommitted?.Invoke(commit);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<TickBatch> ReadAsync(TickRead read, [EnumeratorCancellation] CancellationToken cancellation)
    {
        Faults.OnRead?.Invoke(read);
        Assert.Equal(read.Keys.Order(), read.Keys);
        await Task.CompletedTask;
        List<StoredBlock> blocks;
        TickBlockReader reader;
        long from;
        lock (Gate)
        {
            CheckAlive();
            from = read.IncludesExpired ? read.FromNs : Math.Max(read.FromNs, ExpiredBefore(TickTtl));
            blocks = [.. Disk.Blocks.Where(block => MayHold(block.Block, read)).OrderBy(block => block.Block.MinTime)];
            if (read.Keys.Length > 1) blocks.Reverse();
            if (!_readers.TryGetValue(read.Series, out reader!))
                _readers[read.Series] = reader = new TickBlockReader(read.Series.Model, read.Series.Model.FieldIds);
        }

        var batch = new TickBatch(read.Series.Model.NewColumns());
        foreach (var block in blocks)
        {
            cancellation.ThrowIfCancellationRequested();
            batch.Runs.Clear();
            batch.Columns.Count = 0;
            batch.Flush = block.Flush;
            if (read.Keys.Length > 0) reader.Read(block.Bytes, block.Block.Group, read.Keys, from, read.ToNs, batch.Columns, batch.Runs);
            if (batch.Runs.Count > 0) yield return batch;
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<Manifest> ReadManifestsAsync(
        IReadOnlyCollection<uint> epochs, [EnumeratorCancellation] CancellationToken cancellation)
    {
        List<Manifest> manifests;
        lock (Gate)
        {
            CheckAlive();
            manifests = [.. Disk.Manifests.Values.Where(manifest => epochs.Contains(manifest.Id.Epoch))];
        }

        await Task.CompletedTask;
        foreach (var manifest in manifests) yield return manifest;
    }

    /// <inheritdoc/>
    public ValueTask RetireAsync(uint epoch, ulong belowFlush, CancellationToken cancellation)
    {
        Attempt(StoreWrite.Retirement, () =>
        {
            foreach (var manifest in Disk.Manifests.Values.Where(m => m.Id.Epoch == epoch && m.Id.Flush < belowFlush).ToList())
            {
                var kept = manifest.OfUnconfigured(id => _open.Count == 0 || _open.ContainsKey(id));
                if (kept.Count == 0) Faults.OnRetired?.Invoke(manifest);
                Keep(manifest, kept);
            }
        });
        return default;
    }

    /// <inheritdoc/>
    public long CompleteFrom(Series series)
    {
        lock (Gate) return Disk.CompleteFrom.GetValueOrDefault(series.Id);
    }

    /// <summary>Expires the ticks of a series before a time: complete_from is raised first, then they go.</summary>
    public void Expire(Series series, long beforeNs)
    {
        Attempt(StoreWrite.Horizon,
            () => Disk.CompleteFrom[series.Id] = Math.Max(beforeNs, Disk.CompleteFrom.GetValueOrDefault(series.Id)));
        Attempt(StoreWrite.Deletion, () => Disk.Blocks.RemoveAll(block => block.Block.SeriesId == series.Id
            && block.Block.MinTime + FlushCommit.MaxBlockSpanNs < beforeNs));
    }

    /// <inheritdoc/>
    public ValueTask EnforceLimitsAsync(CancellationToken cancellation) => ValueTask.CompletedTask;

    public ValueTask ReapAsync(long nowNs, CancellationToken cancellation)
    {
        lock (Gate)
        {
            CheckAlive();
            CheckNotSealed();
            if (TickTtl is { } ticks)
            {
                var cut = nowNs - ticks.ToNanoseconds();
                foreach (var series in Disk.Series.Values)
                    Disk.CompleteFrom[series.Id] = Math.Max(cut, Disk.CompleteFrom.GetValueOrDefault(series.Id));
                Disk.Blocks.RemoveAll(block => block.Block.MinTime + FlushCommit.MaxBlockSpanNs < cut);
                foreach (var manifest in Disk.Manifests.Values.ToList()) Keep(manifest, manifest.EndingAfter(cut, out _));
            }

            if (BarTtl is { } bars)
            {
                Disk.BarsCutoff = Math.Max(Disk.BarsCutoff, nowNs - bars.ToNanoseconds());
                foreach (var key in Disk.Bars.Keys.Where(key => key.Bucket < Disk.BarsCutoff).ToList()) Disk.Bars.Remove(key);
            }
        }

        return default;
    }

    private void Keep(Manifest manifest, List<ManifestSection> sections)
    {
        var key = (manifest.Id.Epoch, manifest.Id.Flush);
        if (sections.Count == 0) Disk.Manifests.Remove(key);
        else Disk.Manifests[key] = manifest with { Sections = sections };
    }

    private void Store(FlushCommit commit)
    {
        Disk.Ledger.Add(commit.Id);
        foreach (var block in commit.Blocks)
            Disk.Blocks.Add(new StoredBlock(commit.Id, block, commit.Bytes.WrittenSpan.Slice(block.Offset, block.Length).ToArray()));
        var sections = commit.Manifest.Select(section => section with { Pairs = [.. section.Pairs] }).ToList();
        foreach (var ticks in commit.Routed)
        {
            var request = commit.Bytes.WrittenSpan.Slice(ticks.Offset, ticks.Length).ToArray();
            var series = _open[ticks.SeriesId];
            Publish(ticks.Partition, new OutboxEntry(
                ++Disk.LastOutboxId, series, ticks.KeyId, null)
            { Routed = new RoutedTicks(ticks.TimeNs, request) });
        }

        Disk.Manifests[(commit.Id.Epoch, commit.Id.Flush)] = new Manifest(commit.Id, sections);
        Disk.Committed = Disk.Committed.With(commit.Id);
    }

    private static bool MayHold(EncodedBlock block, TickRead read) =>
        block.SeriesId == read.Series.Id && block.MinTime < read.ToNs && block.MinTime + FlushCommit.MaxBlockSpanNs >= read.FromNs;

    private long ExpiredBefore(TimeSpan? ttl) => ttl is { } span ? NowNs - span.ToNanoseconds() : 0;
}
