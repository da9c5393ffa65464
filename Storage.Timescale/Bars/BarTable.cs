using System.Runtime.CompilerServices;
using Tikr.Core.Rollup;
using Tikr.Storage.Timescale.Catalog;
using Tikr.Storage.Timescale.Incarnations;
using Tikr.Storage.Timescale.Retention;

namespace Tikr.Storage.Timescale.Bars;

/// <summary>Bars, written by compare-and-set together with their outbox entries.</summary>
internal sealed class BarTable(
    TimescaleDatabase database, IncarnationGuard guard, SeriesRegistry registry, StoreState state, Outbox outbox, ChunkRecords records)
    : IBarStore, IDisposable
{
    private readonly SemaphoreSlim _one = new(1);
    private BarGroupWriter? _writer;

    /// <inheritdoc/>
    public async ValueTask WriteAsync(IReadOnlyList<BarWrite> writes, Memory<BarWriteResult> results, CancellationToken cancellation)
    {
        await _one.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            _writer ??= new BarGroupWriter(
                database, guard, registry, outbox.NewRows(), new ChunkRecorder(records, isTicks: false));
            await _writer.WriteAsync(writes, results, state.BarsCutoffNs, cancellation).ConfigureAwait(false);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask<Bar?> FindAsync(Series series, uint keyId, long bucketStart, CancellationToken cancellation)
    {
        if (bucketStart < state.BarsCutoffNs) return null;
        var sql = registry.Of(series).Bars;
        var found = await database.ReadAsync(
            "find a bar", (connection, stop) => connection.Command(sql.Find).With((long)keyId).With(Sql.Time(bucketStart))
            .ListAsync(reader => BarRow.Read(reader, sql.Metrics).Bar, stop), cancellation).ConfigureAwait(false);
        return found.Find(bar => bar.BucketStart == bucketStart);
    }

    /// <inheritdoc/>
    public async ValueTask<Bar?[]> FindManyAsync(Series series, IReadOnlyList<BucketRef> buckets, CancellationToken cancellation)
    {
        if (buckets.Count == 0) return [];
        var sql = registry.Of(series).Bars;
        var found = new Dictionary<BucketRef, Bar>(buckets.Count);
        foreach (var some in buckets.Chunk(BarSql.PageBars))
        {
            var rows = await database.ReadAsync("find bars", (connection, stop) => connection.Command(sql.FindMany)
                .With<long[]>([.. some.Select(b => (long)b.KeyId)]).With<DateTime[]>([.. some.Select(b => Sql.Time(b.BucketStart))])
                .With(Sql.Time(some.Min(b => b.BucketStart))).With(Sql.Time(some.Max(b => b.BucketStart)))
                .ListAsync(reader => BarRow.Read(reader, sql.Metrics), stop), cancellation).ConfigureAwait(false);
            foreach (var row in rows) found[new BucketRef(row.KeyId, row.Bar.BucketStart)] = row.Bar;
        }

        var cutoff = state.BarsCutoffNs;
        return [.. buckets.Select(bucket => bucket.BucketStart < cutoff ? null : found.GetValueOrDefault(bucket))];
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<KeyBar> ReadManyAsync(
        Series series, IReadOnlyList<uint> keyIds, long fromNs, long toNs, CancellationToken cancellation) =>
        ManyKeysRead.ReadAsync(this, database, state, registry.Of(series), keyIds, fromNs, toNs, cancellation);

    /// <inheritdoc/>
    public async IAsyncEnumerable<Bar> ReadAsync(
        Series series, uint keyId, long fromNs, long toNs, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var sql = registry.Of(series).Bars;
        var from = Math.Max(0, Math.Max(fromNs, state.BarsExpiredBeforeNs));
        List<Bar> page;
        do
        {
            if (from >= toNs) yield break;
            page = await database.ReadAsync("read bars", (connection, stop) => connection.Command(sql.Range)
                .With((long)keyId).With(Sql.Time(from)).With(Sql.Time(toNs - 1))
                    .ListAsync(reader => BarRow.Read(reader, sql.Metrics).Bar, stop), cancellation)
                .ConfigureAwait(false);
            foreach (var bar in page)
            {
                // The partition column is cut to the microsecond.
                if (bar.BucketStart >= from && bar.BucketStart < toNs && bar.BucketStart >= state.BarsExpiredBeforeNs) yield return bar;
            }

            if (page.Count > 0) from = page[^1].BucketStart + 1;
        }
        while (page.Count == BarSql.PageBars);
    }

    /// <inheritdoc/>
    public void Dispose() => _one.Dispose();
}
