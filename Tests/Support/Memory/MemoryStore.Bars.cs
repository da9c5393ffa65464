using System.Runtime.CompilerServices;
using Tikr.Core.Rollup;
using Tikr.Storage;

namespace Tikr.Tests.Support.Memory;

/// <summary>Bars.</summary>
public sealed partial class MemoryStore
{
    /// <inheritdoc/>
    public ValueTask WriteAsync(IReadOnlyList<BarWrite> writes, Memory<BarWriteResult> results, CancellationToken cancellation)
    {
        var fault = Faults.OnWrite?.Invoke(writes) ?? Fault.None;
        Attempt(StoreWrite.Bars, () =>
        {
            foreach (var write in writes) CheckIsKnown(write.Series);
            for (var i = 0; i < writes.Count; i++) results.Span[i] = Write(writes[i]);
        }, fault);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<Bar?> FindAsync(Series series, uint keyId, long bucketStart, CancellationToken cancellation)
    {
        lock (Gate)
        {
            CheckAlive();
            if (bucketStart < Disk.BarsCutoff) return new((Bar?)null);
            return new(Disk.Bars.TryGetValue((series.Id, series.Model.Spec.RollupNs, keyId, bucketStart), out var bar)
                ? bar.As(series) : null);
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<Bar> ReadAsync(
        Series series, uint keyId, long fromNs, long toNs, [EnumeratorCancellation] CancellationToken cancellation)
    {
        List<Bar> bars;
        lock (Gate)
        {
            CheckAlive();
            var from = Math.Max(fromNs, ExpiredBefore(BarTtl));
            bars = [.. Disk.Bars
                .Where(bar => bar.Key.Series == series.Id && bar.Key.RollupNs == series.Model.Spec.RollupNs && bar.Key.KeyId == keyId)
                .Where(bar => bar.Key.Bucket >= from && bar.Key.Bucket < toNs)
                .Select(bar => bar.Value.As(series))];
        }

        await Task.CompletedTask;
        foreach (var bar in bars)
        {
            cancellation.ThrowIfCancellationRequested();
            yield return bar;
        }
    }

    private void CheckIsKnown(Series series)
    {
        if (Disk.Series.GetValueOrDefault(series.Model.Name)?.Id != series.Id)
            throw new InvalidOperationException($"Series {series.Id} is not of this store.");
    }

    private BarWriteResult Write(BarWrite write)
    {
        var series = write.Series;
        if (write.Bar.BucketStart < Disk.BarsCutoff) return new BarWriteResult(BarWriteOutcome.Expired, null);
        var key = (series.Id, series.Model.Spec.RollupNs, write.KeyId, write.Bar.BucketStart);
        var stored = Disk.Bars.TryGetValue(key, out var found) ? found.As(series) : null;
        if (stored is not null && stored.SameContent(write.Bar)) return new BarWriteResult(BarWriteOutcome.Unchanged, stored);
        if ((stored?.Revision ?? -1) != write.ExpectedRevision) return new BarWriteResult(BarWriteOutcome.Conflict, stored);
        var bar = write.Bar with { Revision = write.ExpectedRevision + 1 };
        Disk.Bars[key] = new StoredBar(bar, StoredMetric.AllOf(series));
        var outboxId = write.OutboxPartition < 0
            ? 0 : Publish(write.OutboxPartition, new OutboxEntry(++Disk.LastOutboxId, series, write.KeyId, bar));
        Faults.OnStored?.Invoke(write, stored, bar);
        return new BarWriteResult(BarWriteOutcome.Stored, bar, outboxId);
    }
}
