using System.Runtime.CompilerServices;
using Tikr.Core.Dimensions;
using Tikr.Core.Ingest;
using Tikr.Core.Rollup;

namespace Tikr.Storage;

/// <summary>Makes the store ready for the configured series.</summary>
public interface ISeriesCatalog
{
    /// <summary>
    /// Registers the series, or finds them again, comparing spec fingerprints. Called once, before anything else.
    /// A change that stored data cannot follow is refused, all of them at once, each with its remedy.
    /// </summary>
    /// <exception cref="StoreRefusedException">A spec does not fit what is stored.</exception>
    ValueTask<IReadOnlyList<Series>> OpenAsync(IReadOnlyList<SeriesModel> models, CancellationToken cancellation);
}

/// <summary>The durable table of keys: dimension hash to dimensions and key number.</summary>
public interface IKeyStore
{
    /// <summary>
    /// Inserts or compares each dimension set under its hash, durably as ticks are, and fills in the keys' numbers; a different set under
    /// the same hash is refused with <see cref="RejectionReasons.DimensionHashCollision"/>, a key beyond the series' limit with
    /// <see cref="RejectionReasons.CardinalityLimit"/>. Idempotent; safe for concurrent callers.
    /// </summary>
    ValueTask ResolveAsync(Series series, IReadOnlyList<InternedKey> keys, CancellationToken cancellation);

    /// <summary>Keys whose dimensions match, ordered by their dimension values (ordinal UTF-8, in the order of the spec).</summary>
    /// <param name="series">The series.</param>
    /// <param name="match">One wanted value per dimension of the spec; null matches every value.</param>
    /// <param name="cancellation">Stops the listing.</param>
    IAsyncEnumerable<StoredKey> ListAsync(Series series, string?[] match, CancellationToken cancellation);

    /// <summary>The key with exactly these dimensions, or null.</summary>
    ValueTask<StoredKey?> FindAsync(Series series, DimensionSet dimensions, CancellationToken cancellation);

    /// <summary>The keys of these numbers, in no particular order; those that are gone are left out.</summary>
    ValueTask<IReadOnlyList<StoredKey>> FindByIdAsync(
        Series series, IReadOnlyCollection<uint> keyIds, CancellationToken cancellation);
}

/// <summary>A key of the key table.</summary>
/// <param name="KeyId">Its number, from 1, never used again for another key.</param>
/// <param name="Dimensions">Its dimension values.</param>
public sealed record StoredKey(uint KeyId, DimensionSet Dimensions);

/// <summary>The tick log: group commits in, ticks out.</summary>
public interface ITickStore
{
    /// <summary>
    /// Allocates the next epoch, by a durable increment and never from a clock, for the incarnation that this process has registered
    /// (<see cref="IIncarnations"/>). It may have several.
    /// </summary>
    /// <exception cref="StoreSealedException">The incarnation has been sealed.</exception>
    ValueTask<uint> AllocateEpochAsync(CancellationToken cancellation);

    /// <summary>
    /// Commits one flush: its blocks, its manifest and its ledger row, all or nothing, durable on return. A flush that the ledger already
    /// holds is committed already: the call returns and changes nothing, so a caller may always retry.
    /// </summary>
    /// <exception cref="StoreFullException">Only unretired ticks are left to evict, and the flush brings some.</exception>
    /// <exception cref="TicksTooOldException">
    /// A bucket of the flush begins below complete_from, which cannot rise between this look and the commit. Nothing was stored.
    /// </exception>
    /// <exception cref="StoreSealedException">
    /// The incarnation has been sealed, and the ledger does not hold the flush: it is not committed and never will be.
    /// </exception>
    ValueTask CommitAsync(FlushCommit commit, CancellationToken cancellation);

    /// <summary>
    /// Ticks of some keys in [FromNs, ToNs), expired ones left out unless the read says otherwise. One batch per stored block; the batch
    /// is reused, so it is valid until the next one is asked for. For a single key batches come by their least time; for several keys in
    /// any order.
    /// </summary>
    IAsyncEnumerable<TickBatch> ReadAsync(TickRead read, CancellationToken cancellation);

    /// <summary>
    /// The last flush of each epoch that is committed and visible to every read which begins after this has returned, whoever committed
    /// it. Epochs whose manifests have all been retired may be missing.
    /// </summary>
    ValueTask<FlushVector> ReadCommittedAsync(CancellationToken cancellation);

    /// <summary>Manifests of some epochs that are not retired yet, by epoch and flush.</summary>
    IAsyncEnumerable<Manifest> ReadManifestsAsync(IReadOnlyCollection<uint> epochs, CancellationToken cancellation);

    /// <summary>
    /// Retires the manifests of an epoch below a flush: stored bars cover every pair they name. Pairs of series that are not configured
    /// stay until their ticks are deleted or the series is back.
    /// </summary>
    ValueTask RetireAsync(uint epoch, ulong belowFlush, CancellationToken cancellation);

    /// <summary>
    /// Event time from which on the series' ticks are complete; below it some may be deleted. Durable before it shows here, and raised by
    /// what is deleted, never by the clock. Unix nanoseconds.
    /// </summary>
    long CompleteFrom(Series series);

    /// <summary>How long ticks are kept, by event time.</summary>
    TimeSpan TicksTtl { get; }

    /// <summary>Why ingest must be refused now (RESOURCE_EXHAUSTED), or null.</summary>
    string? IngestBlockedReason { get; }
}

/// <summary>
/// Bars: compare-and-set writes, which also fill the outbox, and range reads. What a range read leaves out as expired is there, and can be
/// found and written, until it is deleted.
/// </summary>
public interface IBarStore
{
    /// <summary>
    /// Writes bars in one group commit. Each is a compare-and-set on the revision: stored if absent and none was expected, or if the stored
    /// revision is the expected one; equal content changes nothing. A stored bar and its outbox entry are one atomic write.
    /// Outcomes stand at the same index as the writes.
    /// </summary>
    /// <param name="writes">The writes, in any order.</param>
    /// <param name="results">Takes what became of them; of the same length. The caller's, so that a busy one can use it again.</param>
    /// <param name="cancellation">Gives up waiting; the writes may have been done or not.</param>
    ValueTask WriteAsync(IReadOnlyList<BarWrite> writes, Memory<BarWriteResult> results, CancellationToken cancellation);

    /// <summary>The stored bar of a bucket, or null.</summary>
    ValueTask<Bar?> FindAsync(Series series, uint keyId, long bucketStart, CancellationToken cancellation);

    /// <summary>
    /// The stored bars of several buckets of a series, in the order asked; null where there is none. Stores that are far away answer them
    /// at once.
    /// </summary>
    async ValueTask<Bar?[]> FindManyAsync(Series series, IReadOnlyList<BucketRef> buckets, CancellationToken cancellation)
    {
        var found = new Bar?[buckets.Count];
        for (var i = 0; i < found.Length; i++)
            found[i] = await FindAsync(series, buckets[i].KeyId, buckets[i].BucketStart, cancellation).ConfigureAwait(false);
        return found;
    }

    /// <summary>Bars of a key whose bucket starts in [fromNs, toNs), by bucket, expired ones left out.</summary>
    IAsyncEnumerable<Bar> ReadAsync(Series series, uint keyId, long fromNs, long toNs, CancellationToken cancellation);

    /// <summary>
    /// The same of several keys: key by key in the order given, each by bucket. Stores that are far away read many keys at once.
    /// </summary>
    async IAsyncEnumerable<KeyBar> ReadManyAsync(
        Series series, IReadOnlyList<uint> keyIds, long fromNs, long toNs, [EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var keyId in keyIds)
        {
            await foreach (var bar in ReadAsync(series, keyId, fromNs, toNs, cancellation)
                .ConfigureAwait(false)) yield return new KeyBar(keyId, bar);
        }
    }
}

/// <summary>A bar of one of several keys.</summary>
/// <param name="KeyId">The key.</param>
/// <param name="Bar">The bar.</param>
public readonly record struct KeyBar(uint KeyId, Bar Bar);

/// <summary>One bar to write.</summary>
/// <param name="Series">The series.</param>
/// <param name="KeyId">The key.</param>
/// <param name="Bar">The content; its revision is decided by the store.</param>
/// <param name="ExpectedRevision">Revision the writer believes stored; -1 for none.</param>
/// <param name="OutboxPartition">Outbox partition to publish through; -1 for no outbox entry.</param>
/// <param name="IsPublished">Whether the bar is to be published, through the outbox or past it.</param>
public readonly record struct BarWrite(
    Series Series, uint KeyId, Bar Bar, int ExpectedRevision, int OutboxPartition = -1, bool IsPublished = true);

/// <summary>What became of a write.</summary>
/// <param name="Outcome">Stored, unchanged, conflict or expired.</param>
/// <param name="Current">The bar as stored now; null when expired.</param>
/// <param name="OutboxId">Id of the outbox entry that was written with it; 0 for none.</param>
public readonly record struct BarWriteResult(BarWriteOutcome Outcome, Bar? Current, ulong OutboxId = 0);

/// <summary>What became of a write.</summary>
public enum BarWriteOutcome
{
    /// <summary>Written; <see cref="BarWriteResult.Current"/> has its revision.</summary>
    Stored,

    /// <summary>The stored bar already has this content; nothing was written or published.</summary>
    Unchanged,

    /// <summary>Another revision is stored: reload and recompute.</summary>
    Conflict,

    /// <summary>Bars of its time have been deleted; nothing was written.</summary>
    Expired,
}

/// <summary>A flush of a gateway.</summary>
/// <param name="Epoch">Gateway epoch; 0 for none.</param>
/// <param name="Flush">Number of the flush within the epoch, from 1.</param>
public readonly record struct FlushId(uint Epoch, ulong Flush);

/// <summary>What a read wants.</summary>
/// <param name="Series">The series.</param>
/// <param name="Keys">Key numbers, ascending.</param>
/// <param name="FromNs">First event time.</param>
/// <param name="ToNs">Event time to stop before.</param>
public sealed record TickRead(Series Series, uint[] Keys, long FromNs, long ToNs)
{
    /// <summary>Whether ticks past their TTL that are still stored are read: bars are made of all, queries show what lives.</summary>
    public bool IncludesExpired { get; init; }
}

/// <summary>Expires its data itself: the reaper is not started for such a store.</summary>
public interface ITtlSupport
{
    /// <summary>Whether it does so now; a store that can only tell once its catalog has been opened says no until then.</summary>
    bool ExpiresItself => true;
}

/// <summary>Maintenance of a store that leaves expiry and size limits to the reaper.</summary>
public interface IReapable
{
    /// <summary>Deletes what has expired at <paramref name="nowNs"/>, then what is over the size limits, oldest first.</summary>
    ValueTask ReapAsync(long nowNs, CancellationToken cancellation);

    /// <summary>Deletes what is over the size limits, oldest first, and blocks or unblocks ingest; cheap while nothing is over.</summary>
    ValueTask EnforceLimitsAsync(CancellationToken cancellation);
}

/// <summary>Sizes for metrics and /debug/store.</summary>
public interface IStoreStatistics
{
    /// <summary>Named sizes in bytes (ticks, bars, meta) and counts; names are stable.</summary>
    IReadOnlyDictionary<string, long> Read();
}
