using Npgsql;
using Tikr.Storage.Timescale.Series;

namespace Tikr.Storage.Timescale.Bars;

/// <summary>
/// Writes one group of bars. Those that nobody expects to be there are copied in, which is fastest, in a transaction of their own if others are among many of them; should one be there
/// after all, and where a write names a revision, stored bars are read and compared, and written only if their revision still is what was read. All writers go by key and bucket, so that
/// they wait for each other in one order.
/// </summary>
internal sealed class BarGroupWriter(TimescaleDatabase database, SeriesRegistry registry, OutboxRows outbox)
{
    private const int Attempts = 5;
    private readonly CopyBuffer _copy = new();

    /// <summary>Writes the named ones of <paramref name="writes"/>. Should the second half fail, a repetition finds the first one unchanged.</summary>
    public async Task WriteAsync(IReadOnlyList<BarWrite> writes, List<int> live, BarWriteResult[] results, CancellationToken cancellation)
    {
        var rest = live;
        var fresh = live.FindAll(i => writes[i].ExpectedRevision == -1);
        if (IsWorthCopying(fresh.Count, live.Count) && live.Select(i => Key(writes[i])).Distinct().Count() == live.Count)
        {
            var copied = Groups(writes, fresh);
            if (await database.WriteAsync("write bars", (connection, stop) => CopyAsync(connection, writes, copied, results, stop), cancellation).ConfigureAwait(false))
            {
                rest = live.FindAll(i => writes[i].ExpectedRevision != -1);
            }
        }

        var groups = Groups(writes, rest);
        for (var attempt = 1; rest.Count > 0; attempt++)
        {
            if (await database.WriteAsync("write bars", (connection, stop) => CompareAsync(connection, writes, groups, results, stop), cancellation).ConfigureAwait(false)) return;
            if (attempt == Attempts) throw Errors.BarsContended(rest.Count, Attempts);
        }
    }

    /// <summary>A second transaction costs a wait for the disk; copying saves some 30 us a bar.</summary>
    private static bool IsWorthCopying(int fresh, int all) => fresh == all || fresh >= 256;

    private List<(SeriesTables Series, List<int> Indexes)> Groups(IReadOnlyList<BarWrite> writes, List<int> indexes) =>
        [.. indexes.GroupBy(i => writes[i].Series.SeriesId).Select(g => (Series: registry.Of(writes[g.First()].Series), Indexes: g.ToList())).OrderBy(g => g.Series.Handle.SeriesId)];

    private static (ushort, uint, long) Key(in BarWrite write) => (write.Series.SeriesId, write.KeyId, write.Bar.BucketStart);

    /// <summary>Copies new bars in; false if one is there already.</summary>
    private async Task<bool> CopyAsync(
        NpgsqlConnection connection, IReadOnlyList<BarWrite> writes, List<(SeriesTables Series, List<int> Indexes)> groups, BarWriteResult[] results, CancellationToken stop)
    {
        await using var transaction = await connection.BeginTransactionAsync(stop).ConfigureAwait(false);
        outbox.Begin();
        try
        {
            foreach (var (series, indexes) in groups)
            {
                _copy.Clear();
                foreach (var i in indexes.OrderBy(i => Key(writes[i])))
                {
                    var write = writes[i];
                    BarRow.Write(_copy, write.KeyId, write.Bar, revision: 0);
                    results[i] = new BarWriteResult(BarWriteOutcome.Stored, write.Bar.Revision == 0 ? write.Bar : write.Bar with { Revision = 0 });
                    if (write.OutboxPartition >= 0) outbox.Add(i, write.OutboxPartition, series, write.KeyId, write.Bar, revision: 0);
                }

                await _copy.SendAsync(connection, series.Bars.Copy, stop).ConfigureAwait(false);
            }
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            return false;
        }

        await outbox.SendAsync(connection, (i, id) => results[i] = results[i] with { OutboxId = id }, stop).ConfigureAwait(false);
        await transaction.CommitAsync(stop).ConfigureAwait(false);
        return true;
    }

    /// <summary>Compares with what is stored, bar by bar; false if another writer stored one in between.</summary>
    private async Task<bool> CompareAsync(
        NpgsqlConnection connection, IReadOnlyList<BarWrite> writes, List<(SeriesTables Series, List<int> Indexes)> groups, BarWriteResult[] results, CancellationToken stop)
    {
        await using var transaction = await connection.BeginTransactionAsync(stop).ConfigureAwait(false);
        outbox.Begin();
        foreach (var (series, indexes) in groups)
        {
            var call = new BarComparison(series, writes, indexes);
            call.Load(await FindAsync(connection, series.Bars, call, stop).ConfigureAwait(false));
            foreach (var i in indexes)
            {
                results[i] = call.Apply(writes[i]);
                if (results[i].Outcome == BarWriteOutcome.Stored && writes[i].OutboxPartition >= 0)
                    outbox.Add(i, writes[i].OutboxPartition, series, writes[i].KeyId, writes[i].Bar, results[i].Current!.Revision);
            }

            if (!await StoreAsync(connection, series.Bars, call, stop).ConfigureAwait(false)) return false;
        }

        await outbox.SendAsync(connection, (i, id) => results[i] = results[i] with { OutboxId = id }, stop).ConfigureAwait(false);
        await transaction.CommitAsync(stop).ConfigureAwait(false);
        return true;
    }

    private static Task<List<BarRow>> FindAsync(NpgsqlConnection connection, BarSql sql, BarComparison call, CancellationToken stop) => connection.Command(sql.FindMany)
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
