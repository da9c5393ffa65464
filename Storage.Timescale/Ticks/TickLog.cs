using System.Collections.Concurrent;
using Tikr.Core.Rollup;
using Tikr.Storage.Timescale.Bars;
using Tikr.Storage.Timescale.Catalog;
using Tikr.Storage.Timescale.Incarnations;
using Tikr.Storage.Timescale.Retention;

namespace Tikr.Storage.Timescale.Ticks;

/// <summary>Group commits of tick blocks with their manifests and ledger rows; reads; retiring.</summary>
internal sealed class TickLog(
    TimescaleDatabase database, SeriesRegistry registry, StoreState state, SizeLimits limits, Outbox outbox, ManifestLog manifests,
    ChunkRecords records, IncarnationGuard guard, IncarnationTable incarnations) : ITickStore, IDisposable
{
    private readonly ConcurrentDictionary<uint, EpochWriter> _writers = [];

    /// <summary>Epochs whose incarnation may still write, or that have manifests: others' flushes are long covered.</summary>
    private string Committed { get; } = $"""
        SELECT e.epoch, l.flush FROM {database.Schema}.epochs AS e JOIN {database.Schema}.incarnations AS i ON i.id = e.incarnation
        CROSS JOIN LATERAL (
            SELECT flush FROM {database.Schema}.flush_ledger AS f WHERE f.epoch = e.epoch ORDER BY flush DESC LIMIT 1) AS l
        WHERE NOT i.sealed OR EXISTS (SELECT FROM {database.Schema}.manifests AS m WHERE m.epoch = e.epoch)
        """;

    /// <summary>Whether the ledger holds a flush ($1 epoch, $2 flush), whether the incarnation ($3) may write, and complete_from.</summary>
    private string Refused { get; } = $"""
        SELECT EXISTS (SELECT FROM {database.Schema}.flush_ledger WHERE epoch = $1 AND flush >= $2), {guard.IsOpen(3)},
            (SELECT complete_from FROM {database.Schema}.state)
        """;

    /// <inheritdoc/>
    public TimeSpan TicksTtl => database.Options.TicksTtl;

    /// <inheritdoc/>
    public string? IngestBlockedReason => state.BlockedReason;

    /// <inheritdoc/>
    public async ValueTask<uint> AllocateEpochAsync(CancellationToken cancellation) =>
        await incarnations.AllocateEpochAsync(cancellation).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask CommitAsync(FlushCommit commit, CancellationToken cancellation)
    {
        var id = commit.Id;
        var self = await guard.SelfAsync(cancellation).ConfigureAwait(false);
        var writer = _writers.GetOrAdd(id.Epoch, _ => NewWriter());
        await writer.One.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (state.Holds(id)) return;
            if (state.BlockedReason is { } reason && !commit.IsEmpty
                && !(await LookAsync(id, self, cancellation).ConfigureAwait(false)).IsCommitted) throw new StoreFullException(reason);
            writer.Flushes.Prepare(commit);
            var isTaken = await database.WriteAsync("commit ticks",
                (connection, stop) => writer.Flushes.CommitAsync(connection, id, self.Id, stop), cancellation).ConfigureAwait(false);
            if (!isTaken) await CheckCommittedAsync(id, self, cancellation).ConfigureAwait(false);
            state.SetCommitted(id);
        }
        finally
        {
            writer.One.Release();
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
    public IAsyncEnumerable<Manifest> ReadManifestsAsync(IReadOnlyCollection<uint> epochs, CancellationToken cancellation) =>
        manifests.ReadAsync(epochs, cancellation);

    /// <inheritdoc/>
    public async ValueTask RetireAsync(uint epoch, ulong belowFlush, CancellationToken cancellation)
    {
        await manifests.RetireAsync(epoch, belowFlush, cancellation).ConfigureAwait(false);
        if (state.BlockedReason is not null) await limits.EnforceAsync(cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public long CompleteFrom(Series series) => state.CompleteFromNs;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var writer in _writers.Values) writer.One.Dispose();
    }

    private EpochWriter NewWriter() => new(new SemaphoreSlim(1),
        new FlushWriter(database, guard, registry, outbox.NewRows(), new ChunkRecorder(records, isTicks: true)));

    // What was refused is in the ledger, or it never will be: no transaction of a sealed incarnation is under way any more.
    private async Task CheckCommittedAsync(FlushId id, IncarnationGuard.Registered self, CancellationToken cancellation)
    {
        var (isCommitted, isOpen, completeFrom) = await LookAsync(id, self, cancellation).ConfigureAwait(false);
        if (isCommitted) return;
        if (!isOpen) throw new StoreSealedException(self.Name);

        // Another silo may have raised it: whoever asks for it next is to see it.
        state.SawCompleteFrom(completeFrom);
        throw new TicksTooOldException(id);
    }

    private async Task<(bool IsCommitted, bool IsOpen, long CompleteFrom)> LookAsync(
        FlushId id, IncarnationGuard.Registered self, CancellationToken cancellation) =>
        (await database.WriteAsync("read the ledger", (connection, stop) => connection.Command(Refused)
            .With((int)id.Epoch).With((long)id.Flush).With(self.Id)
            .ListAsync(reader => (reader.GetBoolean(0), reader.GetBoolean(1), reader.GetInt64(2)), stop), cancellation)
            .ConfigureAwait(false))[0];

    /// <summary>Commits of an epoch, one at a time; those of several lanes go side by side.</summary>
    private sealed record EpochWriter(SemaphoreSlim One, FlushWriter Flushes);
}
