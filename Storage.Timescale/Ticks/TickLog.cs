using Tikr.Core.Rollup;
using Tikr.Storage.Timescale.Bars;
using Tikr.Storage.Timescale.Catalog;
using Tikr.Storage.Timescale.Retention;

namespace Tikr.Storage.Timescale.Ticks;

/// <summary>Group commits of tick blocks with their manifests and ledger rows; reads; retiring.</summary>
internal sealed class TickLog(
    TimescaleDatabase database, SeriesRegistry registry, StoreState state, SizeLimits limits, Outbox outbox, ManifestLog manifests,
    ChunkRecords records) : ITickStore, IDisposable
{
    private readonly SemaphoreSlim _one = new(1);
    private readonly FlushWriter _writer = new(database, registry, outbox.NewRows(), new ChunkRecorder(records, isTicks: true));

    private string Committed { get; } = $"SELECT epoch, max(flush) FROM {database.Schema}.ledger GROUP BY epoch";

    /// <inheritdoc/>
    public TimeSpan TicksTtl => database.Options.TicksTtl;

    /// <inheritdoc/>
    public string? IngestBlockedReason => state.BlockedReason;

    /// <inheritdoc/>
    public async ValueTask<uint> AllocateEpochAsync(CancellationToken cancellation) =>
        (uint)await database.WriteAsync("allocate an epoch", (connection, stop) =>
        connection.Command($"UPDATE {database.Schema}.state SET epoch = epoch + 1 RETURNING epoch").ScalarAsync<int>(stop), cancellation)
            .ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask CommitAsync(FlushCommit commit, CancellationToken cancellation)
    {
        await _one.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            var id = commit.Id;
            if (state.Holds(id)) return;
            if (state.BlockedReason is { } reason && !commit.IsEmpty && !await IsCommittedAsync(id, cancellation).ConfigureAwait(false))
                throw new StoreFullException(reason);
            _writer.Prepare(commit);
            var isTaken = await database.WriteAsync(
                "commit ticks", (connection, stop) => _writer.CommitAsync(connection, id, stop), cancellation).ConfigureAwait(false);
            if (!isTaken && !await IsCommittedAsync(id, cancellation).ConfigureAwait(false)) throw await TooOldAsync(id, cancellation)
                .ConfigureAwait(false);
            state.SetCommitted(id);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<TickBatch> ReadAsync(TickRead read, CancellationToken cancellation)
    {
        var fetch = new TickFetch(database, state, registry.Of(read.Series), read);
        return read.Keys.Length == 1 ? OneKeyScan.ReadAsync(fetch, cancellation) : ManyKeysScan.ReadAsync(fetch, cancellation);
    }

    /// <inheritdoc/>
    public async ValueTask<FlushVector> ReadCommittedAsync(CancellationToken cancellation)
    {
        var rows = await database.ReadAsync("read the ledger", (connection, stop) => connection.Command(Committed)
            .ListAsync(reader => new FlushId((uint)reader.GetInt32(0), (ulong)reader.GetInt64(1)), stop), cancellation)
            .ConfigureAwait(false);
        return [.. rows];
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<Manifest> ReadManifestsAsync(CancellationToken cancellation) => manifests.ReadAsync(cancellation);

    /// <inheritdoc/>
    public async ValueTask RetireAsync(uint epoch, ulong belowFlush, CancellationToken cancellation)
    {
        await manifests.RetireAsync(epoch, belowFlush, cancellation).ConfigureAwait(false);
        if (state.BlockedReason is not null) await limits.EnforceAsync(cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public long CompleteFrom(Series series) => state.CompleteFromNs;

    /// <inheritdoc/>
    public void Dispose() => _one.Dispose();

    // Another silo may have raised it: whoever asks for it next is to see it.
    private async Task<TicksTooOldException> TooOldAsync(FlushId id, CancellationToken cancellation)
    {
        state.SawCompleteFrom(await database.WriteAsync("read complete_from", (connection, stop) =>
            connection.Command($"SELECT complete_from FROM {database.Schema}.state").ScalarAsync<long>(stop), cancellation)
                .ConfigureAwait(false));
        return new TicksTooOldException(id);
    }

    private Task<bool> IsCommittedAsync(FlushId id, CancellationToken cancellation) =>
        database.WriteAsync("read the ledger", (connection, stop) =>
        connection.Command($"SELECT EXISTS (SELECT FROM {database.Schema}.ledger WHERE epoch = $1 AND flush >= $2)")
            .With((int)id.Epoch).With((long)id.Flush).ScalarAsync<bool>(stop), cancellation);
}
