using System.Runtime.CompilerServices;
using Tikr.Core.Rollup;
using Tikr.Storage;

namespace Tikr.Benchmarks.Host;

/// <summary>Bars in memory, with the same compare-and-set as a store's, for as long as the process lives.</summary>
internal sealed class MemoryBars : IBarStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(ushort Series, uint Key), SortedList<long, Bar>> _bars = [];

    public ValueTask WriteAsync(IReadOnlyList<BarWrite> writes, Memory<BarWriteResult> results, CancellationToken cancellation)
    {
        var to = results.Span;
        lock (_gate)
        {
            for (var i = 0; i < to.Length; i++) to[i] = Write(writes[i]);
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask<Bar?> FindAsync(Series series, uint keyId, long bucketStart, CancellationToken cancellation)
    {
        lock (_gate) return ValueTask.FromResult(_bars.GetValueOrDefault((series.Id, keyId))?.GetValueOrDefault(bucketStart));
    }

    public async IAsyncEnumerable<Bar> ReadAsync(
        Series series, uint keyId, long fromNs, long toNs, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.CompletedTask;
        Bar[] found;
        lock (_gate)
        {
            found = _bars.TryGetValue((series.Id, keyId), out var bars)
                ? [.. bars.Values.SkipWhile(bar => bar.BucketStart < fromNs).TakeWhile(bar => bar.BucketStart < toNs)] : [];
        }

        foreach (var bar in found) yield return bar;
    }

    public async IAsyncEnumerable<OutboxEntry> ReadOutboxAsync(int partition, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.CompletedTask;
        yield break;
    }

    public ValueTask DeleteOutboxAsync(int partition, IReadOnlyList<ulong> ids, CancellationToken cancellation) => ValueTask.CompletedTask;

    private BarWriteResult Write(in BarWrite write)
    {
        var id = (write.Series.Id, write.KeyId);
        if (!_bars.TryGetValue(id, out var bars)) _bars.Add(id, bars = []);
        var stored = bars.GetValueOrDefault(write.Bar.BucketStart);
        if (stored is not null && stored.SameContent(write.Bar)) return new BarWriteResult(BarWriteOutcome.Unchanged, stored);
        if ((stored?.Revision ?? -1) != write.ExpectedRevision) return new BarWriteResult(BarWriteOutcome.Conflict, stored);
        return new BarWriteResult(
            BarWriteOutcome.Stored, bars[write.Bar.BucketStart] = write.Bar with { Revision = write.ExpectedRevision + 1 });
    }
}
