using Tikr.Core.Time;
using Tikr.Storage.Timescale.Retention;

namespace Tikr.Storage.Timescale;

/// <summary>
/// What this process knows of the store's state: horizons of completeness and expiry, its last commits. The database's row is the truth;
/// other silos change it too.
/// </summary>
internal sealed class StoreState(TimescaleDatabase database)
{
    private readonly Dictionary<uint, ulong> _lastFlush = [];
    private long _completeFrom;
    private long _barsCutoff;

    /// <summary>Why ingest must wait, or null.</summary>
    public volatile string? BlockedReason;

    /// <summary>Whether policies of the database drop what has expired.</summary>
    public volatile bool ExpiresItself;

    /// <summary>Whether the catalog has been opened: before that there may be no tables.</summary>
    public bool IsLoaded { get; private set; }

    /// <summary>Ticks from this event time on were not deleted, Unix nanoseconds.</summary>
    public long CompleteFromNs => Interlocked.Read(ref _completeFrom);

    /// <summary>Buckets starting before this were deleted, or are about to be.</summary>
    public long BarsCutoffNs => Interlocked.Read(ref _barsCutoff);

    /// <summary>Event time before which no query is shown a tick now: the lazy filter of the TTL.</summary>
    public long TicksExpiredBeforeNs => database.Time.GetUnixNanoseconds() - database.Options.TicksTtl.ToNanoseconds();

    /// <summary>Bucket start before which no query is shown a bar now.</summary>
    public long BarsExpiredBeforeNs =>
        Math.Max(BarsCutoffNs, database.Time.GetUnixNanoseconds() - database.Options.BarsTtl.ToNanoseconds());

    /// <summary>Reads the state at start. In a new schema the first moment counts as the reaper's first cycle.</summary>
    public async Task LoadAsync(CancellationToken cancellation)
    {
        await database.WriteAsync("read its state", async (connection, stop) =>
        {
            await connection.Command($"UPDATE {database.Schema}.state SET reaper_clock = $1 WHERE reaper_clock IS NULL")
                .With(ReaperClockStore.First(database.Time)).RunAsync(stop).ConfigureAwait(false);
            var ledger = await connection
                .Command($"SELECT epoch, max(flush) FROM {database.Schema}.flush_ledger GROUP BY epoch ORDER BY epoch")
                .ListAsync(r => new FlushId((uint)r.GetInt32(0), (ulong)r.GetInt64(1)), stop).ConfigureAwait(false);
            foreach (var id in ledger) SetCommitted(id);
            return true;
        }, cancellation).ConfigureAwait(false);
        await RefreshAsync(cancellation).ConfigureAwait(false);
        IsLoaded = true;
    }

    /// <summary>Reads what other silos may have raised.</summary>
    public async Task RefreshAsync(CancellationToken cancellation)
    {
        var rows = await database.ReadAsync("read its state", (connection, stop) =>
            connection.Command($"SELECT complete_from, bars_cutoff FROM {database.Schema}.state")
                .ListAsync(r => (r.GetInt64(0), r.GetInt64(1)), stop), cancellation)
            .ConfigureAwait(false);
        SawCompleteFrom(rows[0].Item1);
        SawBarsCutoff(rows[0].Item2);
    }

    /// <summary>Whether this process knows the flush as committed.</summary>
    public bool Holds(FlushId id)
    {
        lock (_lastFlush) return _lastFlush.TryGetValue(id.Epoch, out var last) && id.Flush <= last;
    }

    /// <summary>Takes over what has been committed.</summary>
    public void SetCommitted(FlushId id)
    {
        lock (_lastFlush) _lastFlush[id.Epoch] = Math.Max(id.Flush, _lastFlush.GetValueOrDefault(id.Epoch));
    }

    public void SawCompleteFrom(long ns) => Raise(ref _completeFrom, ns);

    public void SawBarsCutoff(long ns) => Raise(ref _barsCutoff, ns);

    private static void Raise(ref long value, long to)
    {
        for (var seen = Interlocked.Read(ref value); seen < to; seen = Interlocked.Read(ref value))
        {
            if (Interlocked.CompareExchange(ref value, to, seen) == seen) return;
        }
    }
}
