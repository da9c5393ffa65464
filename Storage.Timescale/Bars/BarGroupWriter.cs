using Npgsql;
using Tikr.Storage.Timescale.Catalog;
using Tikr.Storage.Timescale.Incarnations;
using Tikr.Storage.Timescale.Retention;

namespace Tikr.Storage.Timescale.Bars;

/// <summary>
/// Writes one group of bars. Those that nobody expects to be there are copied in, which is fastest, in a transaction of their own if others
/// are among many of them; should one be there after all, and where a write names a revision, stored bars are read and compared, and
/// written only if their revision still is what was read. All writers go by key and bucket, so that they wait for each other in one order.
/// </summary>
internal sealed class BarGroupWriter(
    TimescaleDatabase database, IncarnationGuard guard, SeriesRegistry registry, OutboxRows outbox, ChunkRecorder chunks)
{
    private const int Attempts = 5;
    private readonly CopyBuffer _copy = new();
    private readonly BarOrder _order = new();
    private IncarnationGuard.Registered _self = null!;

    // Indexes of writes by series, key and bucket: those that expect no bar to be there, and the others.
    private readonly List<int> _fresh = [];
    private readonly List<int> _others = [];

    /// <summary>
    /// Writes what is not <paramref name="expiredBefore"/>. The few that are compared go first: they are what may wait for another's lock
    /// and fail, and then none of the many that are copied is stored already, to be found, compared and computed again by each of their
    /// grains.
    /// </summary>
    public async Task WriteAsync(
        IReadOnlyList<BarWrite> writes, Memory<BarWriteResult> results, long expiredBefore, CancellationToken cancellation)
    {
        _self = await guard.SelfAsync(cancellation).ConfigureAwait(false);
        var copies = Divide(writes, results.Span, expiredBefore) && IsWorthCopying();
        if (!copies) Join();
        await CompareAsync(writes, results, cancellation).ConfigureAwait(false);
        if (!copies || await database.WriteAsync(
            "write bars", (connection, stop) => CopyAsync(connection, writes, results, stop), cancellation).ConfigureAwait(false)) return;
        _others.Clear();
        _others.AddRange(_fresh);
        await CompareAsync(writes, results, cancellation).ConfigureAwait(false);
    }

    /// <summary>Tells the writes apart; false if two of them are of one bar, so that one has to see the other.</summary>
    private bool Divide(IReadOnlyList<BarWrite> writes, Span<BarWriteResult> results, long expiredBefore)
    {
        _order.Sort(writes);
        _fresh.Clear();
        _others.Clear();
        var (areDistinct, last) = (true, -1);
        foreach (var i in _order.Indexes)
        {
            if (writes[i].Bar.BucketStart < expiredBefore)
            {
                results[i] = new BarWriteResult(BarWriteOutcome.Expired, null);
                continue;
            }

            areDistinct &= last < 0 || !BarOrder.IsSameBar(writes[i], writes[last]);
            (writes[i].ExpectedRevision == -1 ? _fresh : _others).Add(i);
            last = i;
        }

        return areDistinct;
    }

    /// <summary>A second transaction costs a wait for the disk; copying saves some 30 us a bar.</summary>
    private bool IsWorthCopying() => _fresh.Count >= (_others.Count == 0 ? 1 : 256);

    /// <summary>All are to be compared.</summary>
    private void Join()
    {
        if (_fresh.Count == 0) return;
        HashSet<int> wanted = [.. _fresh, .. _others];
        _others.Clear();
        _others.AddRange(_order.Indexes.Where(wanted.Contains));
    }

    /// <summary>The writes of each series, still in order.</summary>
    private IEnumerable<(TimescaleSeries Series, List<int> Indexes)> BySeries(IReadOnlyList<BarWrite> writes, List<int> indexes)
    {
        for (int from = 0, to; from < indexes.Count; from = to)
        {
            var series = writes[indexes[from]].Series;
            to = indexes.FindIndex(from, i => writes[i].Series.Id != series.Id);
            if (to < 0) to = indexes.Count;
            yield return (registry.Of(series), to - from == indexes.Count ? indexes : indexes[from..to]);
        }
    }

    /// <summary>Copies new bars in; false if one is there already.</summary>
    private async Task<bool> CopyAsync(
        NpgsqlConnection connection, IReadOnlyList<BarWrite> writes, Memory<BarWriteResult> results, CancellationToken stop)
    {
        var transaction = await guard.BeginAsync(connection, _self, stop).ConfigureAwait(false);
        await using var transactionEnd = transaction.ConfigureAwait(false);
        outbox.Begin();
        chunks.Begin();
        try
        {
            foreach (var (series, indexes) in BySeries(writes, _fresh))
            {
                _copy.Clear();
                foreach (var i in indexes)
                {
                    var write = writes[i];
                    BarRow.Write(_copy, write.KeyId, write.Bar, revision: 0);
                    results.Span[i] = new BarWriteResult(
                        BarWriteOutcome.Stored, write.Bar.Revision == 0 ? write.Bar : write.Bar with { Revision = 0 });
                    if (write.OutboxPartition >= 0) outbox.Add(i, write.OutboxPartition, series, write.KeyId, write.Bar, revision: 0);
                }

                await _copy.SendAsync(connection, series.Bars.Copy, stop).ConfigureAwait(false);
                await RecordAsync(connection, series, writes, indexes, stop).ConfigureAwait(false);
            }
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            return false;
        }

        await CommitAsync(connection, transaction, results, stop).ConfigureAwait(false);
        return true;
    }

    private async Task CompareAsync(IReadOnlyList<BarWrite> writes, Memory<BarWriteResult> results, CancellationToken cancellation)
    {
        if (_others.Count == 0) return;
        for (var attempt = 1; ; attempt++)
        {
            if (await database.WriteAsync("write bars", (connection, stop) => CompareOnceAsync(connection, writes, results, stop),
                cancellation).ConfigureAwait(false)) return;
            if (attempt == Attempts) throw Errors.BarsContended(_others.Count, Attempts);
        }
    }

    /// <summary>Compares with what is stored, bar by bar; false if another writer stored one in between.</summary>
    private async Task<bool> CompareOnceAsync(
        NpgsqlConnection connection, IReadOnlyList<BarWrite> writes, Memory<BarWriteResult> results, CancellationToken stop)
    {
        var transaction = await guard.BeginAsync(connection, _self, stop).ConfigureAwait(false);
        await using var transactionEnd = transaction.ConfigureAwait(false);
        outbox.Begin();
        chunks.Begin();
        foreach (var (series, indexes) in BySeries(writes, _others))
        {
            var call = new BarComparison(series, writes, indexes);
            call.Load(await FindAsync(connection, series.Bars, call, stop).ConfigureAwait(false));
            foreach (var i in indexes)
            {
                var (write, result) = (writes[i], call.Apply(writes[i]));
                results.Span[i] = result;
                if (result.Outcome == BarWriteOutcome.Stored && write.OutboxPartition >= 0)
                    outbox.Add(i, write.OutboxPartition, series, write.KeyId, write.Bar, result.Current!.Revision);
            }

            if (!await StoreAsync(connection, series.Bars, call, stop).ConfigureAwait(false)) return false;
            await RecordAsync(connection, series, writes, indexes, stop).ConfigureAwait(false);
        }

        await CommitAsync(connection, transaction, results, stop).ConfigureAwait(false);
        return true;
    }

    private async Task CommitAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, Memory<BarWriteResult> results, CancellationToken stop)
    {
        await outbox.SendAsync(connection, (i, id) => results.Span[i] = results.Span[i] with { OutboxId = id }, stop).ConfigureAwait(false);
        await transaction.CommitAsync(stop).ConfigureAwait(false);
        chunks.Committed();
    }

    private Task RecordAsync(
        NpgsqlConnection connection, TimescaleSeries series, IReadOnlyList<BarWrite> writes, List<int> indexes, CancellationToken stop)
    {
        var table = chunks.Of(series.Names.BarsName(series.RollupNs));
        foreach (var i in indexes) table.Note(writes[i].Bar.BucketStart);
        return chunks.WroteAsync(connection, table, stop);
    }

    private static Task<List<BarRow>> FindAsync(NpgsqlConnection connection, BarSql sql, BarComparison call, CancellationToken stop) =>
        connection.Command(sql.FindMany)
        .With<long[]>([.. call.Keys.Select(k => (long)k.KeyId)]).With<DateTime[]>([.. call.Keys.Select(k => Sql.Time(k.Bucket))])
        .With(call.FirstBucket).With(call.LastBucket).ListAsync(reader => BarRow.Read(reader, sql.Metrics), stop);

    /// <summary>A bar that has come or changed since it was read is left alone, which shows in the count.</summary>
    private static async Task<bool> StoreAsync(NpgsqlConnection connection, BarSql sql, BarComparison call, CancellationToken stop)
    {
        foreach (var (step, rows) in call.Changes())
        {
            var command = BarRow.AddArrays(connection.Command(step == 0 ? sql.Insert : sql.Update), rows, sql.Metrics);
            if (step > 0) command.With(step);
            if (await command.RunAsync(stop).ConfigureAwait(false) != rows.Count) return false;
        }

        return true;
    }
}
