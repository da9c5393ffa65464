using System.Buffers;
using System.Runtime.InteropServices;
using Npgsql;
using Tikr.Storage.Timescale.Bars;
using Tikr.Storage.Timescale.Catalog;

namespace Tikr.Storage.Timescale.Ticks;

/// <summary>
/// Commits one flush: ledger row, manifest and blocks in one transaction. Commits of an epoch follow each other at the server too: a lock
/// keeps a flush from overtaking one whose connection was given up while it was committing, and a flush below the last committed one
/// changes nothing.
/// </summary>
internal sealed class FlushWriter(TimescaleDatabase database, SeriesRegistry registry, OutboxRows routed)
{
    private readonly ArrayBufferWriter<byte> _manifest = new(1 << 12);
    private readonly Dictionary<ushort, CopyBuffer> _copies = [];
    private readonly FlushSizes _sizes = new();
    private long _leastBucket;

    private string Begin { get; } = $"""
        WITH committed AS (
            INSERT INTO {database.Schema}.ledger (epoch, flush)
            SELECT $1, $2 WHERE NOT EXISTS (SELECT FROM {database.Schema}.ledger WHERE epoch = $1 AND flush >= $2)
            RETURNING epoch, flush)
        INSERT INTO {database.Schema}.manifests (epoch, flush, least_bucket, pairs, size_series, size_windows, size_bytes)
        SELECT epoch, flush, $3, $4, $5, $6, $7 FROM committed
        """;

    /// <summary>Puts the flush into the form it is sent in. The commit may be sent again until the next one is prepared.</summary>
    public void Prepare(FlushCommit commit)
    {
        _manifest.ResetWrittenCount();
        _leastBucket = ManifestCodec.Write(_manifest, commit.Manifest);
        _sizes.Clear();
        foreach (var copy in _copies.Values) copy.Clear();
        var bytes = commit.Bytes.WrittenSpan;
        foreach (ref readonly var block in CollectionsMarshal.AsSpan(commit.Blocks))
        {
            _sizes.Add(block);
            if (!_copies.TryGetValue(block.SeriesId, out var copy))
            {
                _copies.Add(block.SeriesId, copy = new CopyBuffer());
                copy.Clear();
            }

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

    /// <summary>Sends it; false if the ledger holds it already.</summary>
    public async Task<bool> CommitAsync(NpgsqlConnection connection, FlushId id, CancellationToken stop)
    {
        var transaction = await connection.BeginTransactionAsync(stop).ConfigureAwait(false);
        await using var transactionEnd = transaction.ConfigureAwait(false);
        if (!await BeginAsync(connection, id, stop).ConfigureAwait(false)) return false;
        foreach (var (seriesId, copy) in _copies)
        {
            if (copy.Rows > 0) await copy.SendAsync(connection, TablesOf(seriesId).Ticks.Copy, stop).ConfigureAwait(false);
        }

        await routed.SendAsync(connection, numbered: null, stop).ConfigureAwait(false);
        await transaction.CommitAsync(stop).ConfigureAwait(false);
        return true;
    }

    private async Task<bool> BeginAsync(NpgsqlConnection connection, FlushId id, CancellationToken stop)
    {
        var batch = new NpgsqlBatch(connection);
        await using var batchEnd = batch.ConfigureAwait(false);
        batch.Add("SELECT pg_advisory_xact_lock($1, $2)").With(database.LockSpace).With((int)id.Epoch);
        var (series, windows, bytes) = _sizes.ToArrays();
        var begin = batch.Add(Begin).With((int)id.Epoch).With((long)id.Flush)
            .With(_leastBucket).With<ReadOnlyMemory<byte>>(_manifest.WrittenMemory)
            .With(series).With(windows).With(bytes);
        await batch.ExecuteNonQueryAsync(stop).ConfigureAwait(false);
        return begin.Rows > 0;
    }

    private TimescaleSeries TablesOf(ushort seriesId) => registry.Find(seriesId) ?? throw Errors.NotOpen();
}
