using System.Buffers;
using System.Runtime.InteropServices;
using RocksDbSharp;
using Tikr.Core.Rollup;

namespace Tikr.Storage.RocksDb;

/// <summary>Group commits of tick blocks with their manifests and ledger rows; reads; retiring.</summary>
internal sealed class TickLog(
    RocksDbDatabase database, TickRetention retention, ManifestLog manifests, TickEviction eviction, Outbox outbox,
    Incarnations incarnations)
    : ITickStore, IDisposable
{
    private readonly Ledger _ledger = new(database);
    private readonly WriteBatch _batch = new();
    private readonly ArrayBufferWriter<byte> _manifest = new(1 << 12);
    private readonly List<(int Partition, OutboxSize Added)> _routed = [];
    private ulong _epoch = database.GetNumber(MetaKeys.Epoch);

    /// <inheritdoc/>
    public TimeSpan TicksTtl => database.Options.TicksTtl;

    /// <inheritdoc/>
    public string? IngestBlockedReason => retention.BlockedReason;

    /// <inheritdoc/>
    public ValueTask<uint> AllocateEpochAsync(CancellationToken cancellation)
    {
        lock (retention.Gate)
        {
            using var batch = new WriteBatch();
            database.PutNumber(batch, MetaKeys.Epoch, _epoch + 1);
            database.Write(batch, acknowledges: true);
            incarnations.Add((uint)++_epoch);
            return ValueTask.FromResult((uint)_epoch);
        }
    }

    /// <inheritdoc/>
    public ValueTask CommitAsync(FlushCommit commit, CancellationToken cancellation)
    {
        lock (retention.Gate)
        {
            if (_ledger.Holds(commit.Id)) return ValueTask.CompletedTask;
            database.ThrowIfSealed();
            if (commit.LeastBucket < retention.CompleteFromNs) throw new TicksTooOldException(commit.Id);
            if (retention.BlockedReason is { } reason && !commit.IsEmpty) throw new StoreFullException(reason);
            Commit(commit);
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<TickBatch> ReadAsync(TickRead read, CancellationToken cancellation) =>
        read.Keys.Length == 1 ? OneKeyScan.ReadAsync(database, retention, read, cancellation)
            : ManyKeysScan.ReadAsync(database, retention, read, cancellation);

    /// <inheritdoc/>
    public ValueTask<FlushVector> ReadCommittedAsync(CancellationToken cancellation) => ValueTask.FromResult(_ledger.Committed);

    /// <inheritdoc/>
    public IAsyncEnumerable<Manifest> ReadManifestsAsync(IReadOnlyCollection<uint> epochs, CancellationToken cancellation) =>
        manifests.ReadAsync(epochs, cancellation);

    /// <inheritdoc/>
    public ValueTask RetireAsync(uint epoch, ulong belowFlush, CancellationToken cancellation)
    {
        if (manifests.Retire(epoch, belowFlush) && retention.BlockedReason is not null) eviction.Run();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public long CompleteFrom(Series series) => retention.CompleteFromNs;

    /// <inheritdoc/>
    public void Dispose() => _batch.Dispose();

    private void Commit(FlushCommit commit)
    {
        _batch.Clear();
        using (var usage = database.Use())
        {
            var (ticks, flushes) = (usage.Families.Ticks, usage.Families.Flushes);
            Span<byte> key = stackalloc byte[TickKey.Length];
            var bytes = commit.Bytes.WrittenSpan;
            foreach (ref readonly var block in CollectionsMarshal.AsSpan(commit.Blocks))
            {
                TickKey.Of(block, commit.Id).Write(key);
                _batch.Put(key, bytes.Slice(block.Offset, block.Length), ticks);
            }

            _manifest.ResetWrittenCount();
            ManifestCodec.Write(_manifest, commit.Manifest);
            FlushKeys.Manifest(key, commit.Id);
            _batch.Put(key[..FlushKeys.ManifestLength], _manifest.WrittenSpan, flushes);
            Ledger.Put(_batch, flushes, commit.Id);
            _routed.Clear();
            foreach (ref readonly var routed in CollectionsMarshal.AsSpan(commit.Routed))
                outbox.Put(_batch, usage.Families.Outbox, routed, bytes.Slice(routed.Offset, routed.Length), _routed);
            if (_routed.Count > 0) outbox.LateIds.Put(_batch);
        }

        outbox.Write(_batch, acknowledges: true, _routed);
        manifests.Add(commit.Id, commit.Manifest);
        _ledger.Set(commit.Id);
    }
}
