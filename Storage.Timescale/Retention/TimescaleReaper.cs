using Tikr.Core.Time;
using Tikr.Storage.Timescale.Incarnations;
using Tikr.Storage.Timescale.Keys;
using Tikr.Storage.Timescale.Ticks;

namespace Tikr.Storage.Timescale.Retention;

/// <summary>
/// Maintenance: drops expired chunks where the database does not do so itself, drops idle keys, keeps the size limits. complete_from and
/// the cutoff of bars are raised before chunks are dropped from here, and as soon as others are seen to be gone.
/// </summary>
internal sealed class TimescaleReaper(
    TimescaleDatabase database, IncarnationGuard guard, StoreState state, Horizons horizons, Chunks chunks, ChunkRecords records,
    ManifestLog manifests, SizeLimits limits, KeyPruner keys, IncarnationTable incarnations) : IReapable, ITtlSupport, IDisposable
{
    /// <summary>What the cutoffs trail the TTL by, so that nothing under way lands behind them.</summary>
    public static readonly TimeSpan Trail = TimeSpan.FromSeconds(60);

    private readonly SemaphoreSlim _one = new(1);
    private readonly SingletonLease _lease = new(database, guard, SizeLimits.Lease);
    private readonly ReaperClockStore _clock = new(database);
    private readonly OverdueChunks _overdue = new(database, horizons, chunks);

    /// <inheritdoc/>
    public bool ExpiresItself => state.ExpiresItself;

    /// <inheritdoc/>
    public async ValueTask ReapAsync(long nowNs, CancellationToken cancellation)
    {
        if (!state.IsLoaded) return;
        await _one.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            await keys.ReportAsync(cancellation).ConfigureAwait(false);
            if (await _lease.HoldAsync(cancellation).ConfigureAwait(false))
            {
                if (await _clock.AllowsAsync(nowNs, cancellation).ConfigureAwait(false))
                    await ExpireAsync(nowNs, cancellation).ConfigureAwait(false);
                await incarnations.ForgetAsync(cancellation).ConfigureAwait(false);
            }

            await limits.EnforceAsync(cancellation).ConfigureAwait(false);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask EnforceLimitsAsync(CancellationToken cancellation)
    {
        if (state.IsLoaded) await limits.EnforceAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>What is left to do where policies drop chunks.</summary>
    public async Task TendAsync(long nowNs, bool prunes, CancellationToken cancellation)
    {
        await _one.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (prunes) await keys.ReportAsync(cancellation).ConfigureAwait(false);
            prunes = prunes && await _lease.HoldAsync(cancellation).ConfigureAwait(false);
            if (prunes) await _overdue.DropAsync(TicksCutoff(nowNs), BarsCutoff(nowNs), cancellation).ConfigureAwait(false);
            await records.NoteGoneAsync(cancellation).ConfigureAwait(false);
            await manifests.GiveUpBelowAsync(state.CompleteFromNs, cancellation).ConfigureAwait(false);
            if (prunes)
            {
                await ForgetDroppedAsync(nowNs - database.Options.TicksTtl.ToNanoseconds(), cancellation).ConfigureAwait(false);
                await keys.RunAsync(nowNs, cancellation).ConfigureAwait(false);
                await incarnations.ForgetAsync(cancellation).ConfigureAwait(false);
            }

            await limits.EnforceAsync(cancellation).ConfigureAwait(false);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _one.Dispose();

    private long TicksCutoff(long nowNs) => nowNs - (database.Options.TicksTtl + Trail).ToNanoseconds() - FlushCommit.MaxBlockSpanNs;

    private long BarsCutoff(long nowNs) => nowNs - (database.Options.BarsTtl + Trail).ToNanoseconds();

    private async Task ExpireAsync(long nowNs, CancellationToken cancellation)
    {
        var started = database.Time.GetTimestamp();
        var tables = await chunks.TablesAsync(cancellation).ConfigureAwait(false);
        var ticksCutoff = TicksCutoff(nowNs);
        await horizons.RaiseCompleteFromAsync(ticksCutoff + FlushCommit.MaxBlockSpanNs, cancellation).ConfigureAwait(false);
        var tickChunks = await chunks.DropAsync(tables.Ticks, ticksCutoff, cancellation).ConfigureAwait(false);
        var barsCutoff = BarsCutoff(nowNs);
        await horizons.RaiseBarsCutoffAsync(barsCutoff, cancellation).ConfigureAwait(false);
        var barChunks = await chunks.DropAsync(tables.Bars, barsCutoff, cancellation).ConfigureAwait(false);
        await records.NoteGoneAsync(cancellation).ConfigureAwait(false);
        await manifests.GiveUpBelowAsync(state.CompleteFromNs, cancellation).ConfigureAwait(false);
        await ForgetDroppedAsync(ticksCutoff, cancellation).ConfigureAwait(false);
        var idle = await keys.RunAsync(nowNs, cancellation).ConfigureAwait(false);
        if (tickChunks + barChunks + idle == 0) return;
        var elapsed = (long)database.Time.GetElapsedTime(started).TotalMilliseconds;
        Log.Reaped(database.Logger, elapsed, UnixTime.ToTime(ticksCutoff), tickChunks, UnixTime.ToTime(barsCutoff), barChunks, idle);
    }

    /// <summary>Sizes of slices whose chunks are gone, whoever dropped them.</summary>
    private Task<int> ForgetDroppedAsync(long cutoffNs, CancellationToken cancellation) =>
        guard.MaintainAsync("forget dropped ticks", (connection, stop) => connection.Command($"""
        DELETE FROM {database.Schema}.tick_sizes AS s WHERE window_ns + {FlushSizes.SliceNs} <= coalesce(
            (SELECT min((extract(epoch FROM c.range_start) * 1000000)::bigint * 1000) FROM timescaledb_information.chunks AS c
            WHERE c.hypertable_schema = $1 AND c.hypertable_name = 'ticks_' || s.series_id), $2)
        """).With(database.Options.Schema).With(cutoffNs).RunAsync(stop), cancellation);
}
