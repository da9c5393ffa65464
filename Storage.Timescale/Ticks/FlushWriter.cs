using System.Buffers;
using System.Data;
using System.Runtime.InteropServices;
using Npgsql;
using Tikr.Storage.Timescale.Bars;
using Tikr.Storage.Timescale.Catalog;
using Tikr.Storage.Timescale.Incarnations;
using Tikr.Storage.Timescale.Retention;

namespace Tikr.Storage.Timescale.Ticks;

/// <summary>
/// Commits one flush: ledger row, manifest and blocks in one transaction. Commits of an epoch follow each other at the server too: a lock
/// keeps a flush from overtaking one whose connection was given up while it was committing, and a flush below the last committed one
/// changes nothing.
/// </summary>
internal sealed class FlushWriter(
    TimescaleDatabase database, IncarnationGuard guard, SeriesRegistry registry, OutboxRows routed, ChunkRecorder chunks)
{
    private readonly ArrayBufferWriter<byte> _manifest = new(1 << 12);
    private readonly Dictionary<ushort, SeriesRows> _rows = [];
    private readonly FlushSizes _sizes = new();
    private (int[] Series, long[] Least) _pairs;
    private long _leastBucket;

    private string Begin { get; } = $"""
        WITH committed AS (
            INSERT INTO {database.Schema}.flush_ledger (epoch, flush)
            SELECT $1, $2 WHERE NOT EXISTS (SELECT FROM {database.Schema}.flush_ledger WHERE epoch = $1 AND flush >= $2)
                AND $9 >= (SELECT complete_from FROM {database.Schema}.state) AND {guard.IsOpen(10)}
            RETURNING epoch, flush)
        INSERT INTO {database.Schema}.manifests (epoch, flush, pairs, pair_series, pair_least, size_series, size_windows, size_bytes)
        SELECT epoch, flush, $3, $4, $5, $6, $7, $8 FROM committed
        """;

    /// <summary>Puts the flush into the form it is sent in. The commit may be sent again until the next one is prepared.</summary>
    public void Prepare(FlushCommit commit)
    {
        _manifest.ResetWrittenCount();
        ManifestCodec.Write(_manifest, commit.Manifest);
        _pairs = ManifestLog.ColumnsOf(commit.Manifest);
        _leastBucket = commit.LeastBucket;
        _sizes.Clear();
        foreach (var rows in _rows.Values) rows.Copy.Clear();
        chunks.Begin();
        var bytes = commit.Bytes.WrittenSpan;
        foreach (ref readonly var block in CollectionsMarshal.AsSpan(commit.Blocks))
        {
            _sizes.Add(block);
            if (!_rows.TryGetValue(block.SeriesId, out var rows)) _rows.Add(block.SeriesId, rows = NewRows(block.SeriesId));
            rows.Chunks.Note(block.MinTime);
            var copy = rows.Copy;
            copy.BeginRow(8);
            copy.Time(block.MinTime);
            copy.Int64(TickGroup.Of(block));
            copy.Int64(block.MinTime);
            copy.Int64((long)commit.Id.Flush);
            copy.Int32((int)commit.Id.Epoch);
            copy.Int32((int)block.Ordinal);
            copy.Int16((short)block.Ticks);
            copy.Bytes(bytes.Slice(block.Offset, block.Length));
        }

        routed.Begin();
        foreach (ref readonly var ticks in CollectionsMarshal.AsSpan(commit.Routed))
            routed.Add(ticks, bytes.Slice(ticks.Offset, ticks.Length));
    }

    /// <summary>
    /// Sends it; false if it was not taken: the ledger holds it already, it has ticks below complete_from, or the incarnation is sealed.
    /// </summary>
    public async Task<bool> CommitAsync(NpgsqlConnection connection, FlushId id, int incarnation, CancellationToken stop)
    {
        var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, stop).ConfigureAwait(false);
        await using var transactionEnd = transaction.ConfigureAwait(false);
        if (!await BeginAsync(connection, id, incarnation, stop).ConfigureAwait(false)) return false;
        foreach (var (seriesId, rows) in _rows)
        {
            if (rows.Copy.Rows == 0) continue;
            await rows.Copy.SendAsync(connection, TablesOf(seriesId).Ticks.Copy, stop).ConfigureAwait(false);
            await chunks.WroteAsync(connection, rows.Chunks, stop).ConfigureAwait(false);
        }

        await routed.SendAsync(connection, numbered: null, stop).ConfigureAwait(false);
        await transaction.CommitAsync(stop).ConfigureAwait(false);
        chunks.Committed();
        return true;
    }

    private async Task<bool> BeginAsync(NpgsqlConnection connection, FlushId id, int incarnation, CancellationToken stop)
    {
        var batch = new NpgsqlBatch(connection);
        await using var batchEnd = batch.ConfigureAwait(false);
        batch.Add(IncarnationGuard.Lock).With(guard.Space).With(incarnation);
        batch.Add("SELECT pg_advisory_xact_lock($1, $2)").With(database.LockSpace).With((int)id.Epoch);
        batch.Add("SELECT pg_advisory_xact_lock_shared($1, $2)").With(database.LockSpace).With(Horizons.CompletenessLock);
        var (series, windows, bytes) = _sizes.ToArrays();
        var begin = batch.Add(Begin).With((int)id.Epoch).With((long)id.Flush)
            .With<ReadOnlyMemory<byte>>(_manifest.WrittenMemory).With(_pairs.Series).With(_pairs.Least)
            .With(series).With(windows).With(bytes).With(_leastBucket).With(incarnation);
        await batch.ExecuteNonQueryAsync(stop).ConfigureAwait(false);
        return begin.Rows > 0;
    }

    private TimescaleSeries TablesOf(ushort seriesId) => registry.Find(seriesId) ?? throw Errors.NotOpen();

    private SeriesRows NewRows(ushort seriesId)
    {
        var rows = new SeriesRows(new CopyBuffer(), chunks.Of(new TableNames(database.Schema, seriesId).TicksName));
        rows.Copy.Clear();
        return rows;
    }

    /// <summary>Rows of one series, and the chunks that they go into.</summary>
    private sealed record SeriesRows(CopyBuffer Copy, ChunkRecorder.Table Chunks);
}
