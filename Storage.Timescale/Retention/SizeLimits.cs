using Tikr.Core.Time;
using Tikr.Storage.Timescale.Incarnations;
using Tikr.Storage.Timescale.Ticks;

namespace Tikr.Storage.Timescale.Retention;

/// <summary>
/// Keeps ticks and bars under their size limits, oldest first, and blocks ingest while only ticks are left that no bar covers.
/// </summary>
internal sealed class SizeLimits(
    TimescaleDatabase database, IncarnationGuard guard, StoreState state, Horizons horizons, Chunks chunks, ManifestLog manifests,
    ChunkRecords records, StoreStatistics statistics) : IDisposable
{
    /// <summary>Name of the lease of whoever deletes.</summary>
    public const string Lease = "retention";

    private readonly SemaphoreSlim _one = new(1);
    private readonly SingletonLease _lease = new(database, guard, Lease);
    private readonly ChunksAhead _ahead = new(database, guard, new SingletonLease(database, guard, Lease), records);

    private string Sizes { get; } = $"""
        SELECT window_ns, sum(bytes)::bigint FROM (
            SELECT window_ns, bytes FROM {database.Schema}.tick_sizes
            UNION ALL SELECT w.window_ns, w.bytes
                FROM {database.Schema}.manifests, unnest(size_windows, size_bytes) AS w (window_ns, bytes)) AS s
        GROUP BY window_ns ORDER BY window_ns
        """;

    /// <summary>One check.</summary>
    public async Task EnforceAsync(CancellationToken cancellation)
    {
        await _one.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            await state.RefreshAsync(cancellation).ConfigureAwait(false);
            var tables = await chunks.TablesAsync(cancellation).ConfigureAwait(false);
            await _ahead.MakeAsync(tables.Ticks, tables.Bars, cancellation).ConfigureAwait(false);
            var ticks = await EnforceTicksAsync(tables.Ticks, cancellation).ConfigureAwait(false);
            var bars = await EnforceBarsAsync(tables.Bars, cancellation).ConfigureAwait(false);
            await statistics.RefreshAsync(ticks, bars, cancellation).ConfigureAwait(false);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _one.Dispose();

    private async Task<long> EnforceTicksAsync(string[] tables, CancellationToken cancellation)
    {
        var limit = database.Options.TicksMaxBytes;
        var bytes = (await SizesAsync(cancellation).ConfigureAwait(false)).Sum(w => w.Bytes);
        if (limit == 0) return bytes;
        var uncovered = bytes > limit ? await manifests.UncoveredAsync(cancellation).ConfigureAwait(false) : null;
        if (uncovered is not null && await _lease.HoldAsync(cancellation).ConfigureAwait(false))
            bytes = await EvictTicksAsync(tables, bytes, limit, uncovered, cancellation).ConfigureAwait(false);
        var reason = bytes > limit ? uncovered?.Blocking(bytes, limit) : null;
        if (reason is not null && state.BlockedReason is null) Log.IngestBlocked(database.Logger, reason);
        if (reason is null && state.BlockedReason is not null) Log.IngestUnblocked(database.Logger, bytes, limit);
        state.BlockedReason = reason;
        return bytes;
    }

    private async Task<long> EvictTicksAsync(
        string[] tables, long bytes, long limit, UncoveredSeries uncovered, CancellationToken cancellation)
    {
        var slices = await SizesAsync(cancellation).ConfigureAwait(false);
        var now = database.Time.GetUnixNanoseconds();
        if (TickSlices.Cutoff(slices, limit, uncovered.LeastBucket, now) is not { } cutoff) return bytes;

        // A chunk that gets no new rows gives its space back only when it is dropped, so it goes as a whole; the one that still fills
        // reuses what is deleted from it.
        var highest = TickSlices.HighestCutoff(uncovered.LeastBucket, now);
        var ends = await chunks.SizesAsync(tables, cancellation).ConfigureAwait(false);
        cutoff = ends.Select(c => c.EndNs).Where(end => end >= cutoff && end <= Math.Min(highest, now)).DefaultIfEmpty(cutoff).Min();
        await horizons.RaiseCompleteFromAsync(cutoff + FlushCommit.MaxBlockSpanNs, cancellation).ConfigureAwait(false);
        await chunks.DropAsync(tables, cutoff, cancellation).ConfigureAwait(false);
        await chunks.DeleteRowsAsync(tables, "time", cutoff, rewrite: false, cancellation).ConfigureAwait(false);
        await manifests.GiveUpBelowAsync(state.CompleteFromNs, cancellation).ConfigureAwait(false);
        await ForgetWindowsAsync(cutoff, cancellation).ConfigureAwait(false);
        Log.TicksEvicted(database.Logger, bytes, limit, UnixTime.ToTime(cutoff));
        return (await SizesAsync(cancellation).ConfigureAwait(false)).Sum(w => w.Bytes);
    }

    /// <summary>Drops the oldest chunks of bars. If the newest alone is over the limit, its older half goes and it is rewritten.</summary>
    private async Task<long> EnforceBarsAsync(string[] tables, CancellationToken cancellation)
    {
        var limit = database.Options.BarsMaxBytes;
        var sizes = await chunks.SizesAsync(tables, cancellation).ConfigureAwait(false);
        var bytes = sizes.Sum(c => c.Bytes);
        var now = database.Time.GetUnixNanoseconds();
        if (limit == 0 || bytes <= limit || !await _lease.HoldAsync(cancellation).ConfigureAwait(false)) return bytes;
        while (bytes > limit && sizes.Count > 0 && await OldestBarAsync(tables, cancellation)
            .ConfigureAwait(false) is { } oldest && oldest < now)
        {
            var whole = sizes[0].EndNs <= now;
            var cutoff = whole ? sizes[0].EndNs : oldest + Math.Max(1000, (now - oldest) / 2);
            await horizons.RaiseBarsCutoffAsync(cutoff, cancellation).ConfigureAwait(false);
            await chunks.DropAsync(tables, cutoff, cancellation).ConfigureAwait(false);
            if (!whole) await chunks.DeleteRowsAsync(tables, "bucket", cutoff, rewrite: true, cancellation).ConfigureAwait(false);
            Log.BarsEvicted(database.Logger, bytes, limit, UnixTime.ToTime(cutoff));
            sizes = await chunks.SizesAsync(tables, cancellation).ConfigureAwait(false);
            bytes = sizes.Sum(c => c.Bytes);
            if (!whole) break;
        }

        return bytes;
    }

    private Task<List<SliceSize>> SizesAsync(CancellationToken cancellation) => database.WriteAsync("measure ticks", (connection, stop) =>
        connection.Command(Sizes).ListAsync(reader => new SliceSize(reader.GetInt64(0), reader.GetInt64(1)), stop), cancellation);

    private Task<long?> OldestBarAsync(string[] tables, CancellationToken cancellation) =>
        database.MaintainAsync("find the oldest bar", async (connection, stop) =>
    {
        long? oldest = null;
        foreach (var table in tables)
        {
            var found = await connection.Command($"SELECT bucket_ns FROM {database.Schema}.{Sql.Quote(table)} ORDER BY bucket LIMIT 1")
                .ListAsync(reader => reader.GetInt64(0), stop).ConfigureAwait(false);
            if (found.Count > 0 && (oldest is null || found[0] < oldest)) oldest = found[0];
        }

        return oldest;
    }, cancellation);

    private Task<int> ForgetWindowsAsync(long beforeNs, CancellationToken cancellation) =>
        guard.WriteAsync("forget evicted ticks", (connection, stop) =>
        connection.Command($"DELETE FROM {database.Schema}.tick_sizes WHERE window_ns < $1").With(beforeNs).RunAsync(stop), cancellation);
}
