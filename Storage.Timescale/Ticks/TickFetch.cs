using Npgsql;
using Tikr.Storage.Timescale.Catalog;
using Tikr.Storage.Timescale.Retention;

namespace Tikr.Storage.Timescale.Ticks;

/// <summary>
/// Fetches pages of blocks. With each page comes complete_from as it is after the page was read, so that who scans knows of ticks that
/// another silo or the database itself has deleted in the meantime.
/// </summary>
internal sealed class TickFetch(TimescaleDatabase database, StoreState state, TimescaleSeries series, TickRead read)
{
    public TickRead Read => read;

    /// <summary>Least time that a block with wanted ticks may begin with.</summary>
    public long FirstBlockTime { get; } = Math.Max(0, FirstWanted(state, read) - FlushCommit.MaxBlockSpanNs);

    /// <summary>First wanted event time, by now.</summary>
    public long FromNs => FirstWanted(state, read);

    private string CompleteFrom { get; } = read.IncludesExpired
        ? ChunkRecords.CompleteFrom(database.Schema, series.Ticks.Table) : $"SELECT complete_from FROM {database.Schema}.state";

    public Task OneGroupAsync(long group, BlockPosition after, int blocks, TickPage into, CancellationToken cancellation) => FetchAsync(
        series.Ticks.OneGroup,
        command => AddRange(command.With(group)).With(after.MinTime).With((int)after.Flush.Epoch)
            .With((long)after.Flush.Flush).With(after.Ordinal).With(blocks),
        into, cancellation);

    public Task ManyGroupsAsync(long[] groups, BlockPosition after, int blocks, TickPage into, CancellationToken cancellation) =>
        FetchAsync(
        series.Ticks.ManyGroups,
        command => AddRange(command.With(groups)).With(after.Group).With(after.MinTime)
            .With((int)after.Flush.Epoch).With((long)after.Flush.Flush).With(after.Ordinal).With(blocks),
        into, cancellation);

    private Task<bool> FetchAsync(string sql, Action<NpgsqlBatchCommand> add, TickPage into, CancellationToken cancellation) =>
        database.ReadAsync("read ticks", async (connection, stop) =>
        {
            var batch = new NpgsqlBatch(connection);
            await using var batchEnd = batch.ConfigureAwait(false);
            add(batch.Add(sql));
            batch.Add(CompleteFrom);
            var reader = await batch.ExecuteReaderAsync(stop).ConfigureAwait(false);
            await using var readerEnd = reader.ConfigureAwait(false);
            await into.FillAsync(reader, stop).ConfigureAwait(false);
            await reader.NextResultAsync(stop).ConfigureAwait(false);
            if (await reader.ReadAsync(stop).ConfigureAwait(false)) state.SawCompleteFrom(reader.GetInt64(0));
            return true;
        }, cancellation);

    private NpgsqlBatchCommand AddRange(NpgsqlBatchCommand command) =>
        command.With(Sql.Time(FirstBlockTime)).With(Sql.Time(read.ToNs)).With(FirstBlockTime).With(read.ToNs);

    private static long FirstWanted(StoreState state, TickRead read) =>
        read.IncludesExpired ? read.FromNs : Math.Max(read.FromNs, state.TicksExpiredBeforeNs);
}
