using Tikr.Core.Delivery;
using Tikr.Core.Rollup;
using Tikr.Grains.Recompute;
using Tikr.Storage;

namespace Tikr.Grains.Buckets;

/// <summary>Where a bucket stands between its first tick and its stored bar; see docs/state-machine.md.</summary>
internal enum BucketStage : byte
{
    /// <summary>Collects partials.</summary>
    Open,

    /// <summary>A compare-and-set is under way.</summary>
    Writing,

    /// <summary>A recompute is under way.</summary>
    Scanning,

    /// <summary>A stored bar covers everything known.</summary>
    Closed,

    /// <summary>Given up: expired or below complete_from. No longer listed.</summary>
    Gone,
}

/// <summary>One bucket of a key: the mergeable state and what is known of the commits behind it. Decides; does no I/O.</summary>
internal sealed class Bucket(long start, long due)
{
    /// <summary>Bucket start, Unix nanoseconds.</summary>
    public long Start { get; private set; } = start;

    /// <summary>When it is due (bucket end + grace), monotonic nanoseconds.</summary>
    public long Due { get; private set; } = due;

    /// <summary>Where it stands.</summary>
    public BucketStage Stage { get; set; }

    /// <summary>Ticks folded so far; null when there are none, or when they have to be recomputed.</summary>
    public long[]? State { get; private set; }

    /// <summary>Whether the bar must come from stored ticks.</summary>
    public bool NeedsRecompute { get; private set; }

    /// <summary>A past bucket that its streams have left behind, or one whose closing failed: it does not wait for its due time.</summary>
    public bool CloseRequested { get; set; }

    /// <summary>Not before this time is the next attempt made, monotonic nanoseconds.</summary>
    public long RetryAt { get; set; } = long.MinValue;

    /// <summary>Attempts that failed in a row.</summary>
    public byte Failures { get; set; }

    /// <summary>The close did not wait for the gateway.</summary>
    public bool Forced { get; set; }

    /// <summary>A past bucket whose gateway closed it before its time.</summary>
    public bool ClosedEarly { get; set; }

    /// <summary>Gateways that have nothing more for this live bucket.</summary>
    public EpochSet Final { get; set; }

    /// <summary>Gateways that collect ticks of this past bucket and have not said that it may close.</summary>
    public EpochSet Awaited { get; set; }

    /// <summary>
    /// Until when they are waited for, monotonic nanoseconds: their word may have been lost, or have gone to another activation.
    /// </summary>
    public long AwaitedUntil { get; set; }

    /// <summary>Commits known: delivered, merged or not.</summary>
    public FlushVector Applied { get; private set; }

    /// <summary>Commits that the write or recompute under way will cover.</summary>
    public FlushVector Claimed { get; set; }

    /// <summary>Commits that the stored bar covers.</summary>
    public FlushVector Covered { get; set; }

    /// <summary>Revision believed stored; -1 for none.</summary>
    public int Revision { get; set; } = -1;

    /// <summary>Revision that the write under way expects.</summary>
    public int Expected { get; set; }

    /// <summary>Ticks of the stored bar, as far as known.</summary>
    public long Ticks { get; set; }

    /// <summary>Ticks of the bar being written.</summary>
    public long NewTicks { get; set; }

    /// <summary>Late ticks came without a state that tells how many.</summary>
    public bool CountLateByContent { get; set; }

    /// <summary>A recompute was wanted from the first (no state in a partial, or none that would prove the bar).</summary>
    public bool Asked { get; private set; }

    /// <summary>Ascending number given at close, to forget the oldest first.</summary>
    public uint ClosedOrder { get; set; }

    /// <summary>First commit not covered before: duplicates from here on are news.</summary>
    public FlushId FirstUncovered { get; private set; }

    /// <summary>What the bar being written must add to counters once it is stored.</summary>
    public PendingCounts Counts { get; set; }

    /// <summary>
    /// Makes a forgotten bucket a new one: with many keys there is one per bar, and it lives just long enough to burden the collector.
    /// </summary>
    public void Begin(long start, long due)
    {
        Start = start;
        Due = due;
        Stage = BucketStage.Open;
        State = null;
        NeedsRecompute = CloseRequested = Forced = ClosedEarly = Asked = CountLateByContent = false;
        RetryAt = long.MinValue;
        Ticks = NewTicks = 0;
        Failures = 0;
        ClosedOrder = 0;
        Applied = Claimed = Covered = default;
        Final = Awaited = default;
        AwaitedUntil = 0;
        FirstUncovered = default;
        Revision = -1;
        Expected = 0;
        Counts = default;
    }

    /// <summary>Nothing that is delivered proves its bar: stored ticks alone count, those of before as well.</summary>
    public void BeginUnproven() => NeedsRecompute = Asked = true;

    /// <summary>Whether it is not to close, since a gateway may bring more of it.</summary>
    public bool IsAwaited(in CloseClock clock) => !Awaited.IsEmpty && clock.NowNs < AwaitedUntil && Awaited.HasLive(clock.Gateways);

    /// <summary>Takes a partial into an open bucket.</summary>
    /// <param name="series">The series, which knows how states merge.</param>
    /// <param name="partial">The partial.</param>
    /// <param name="gateways">The gateways now alive.</param>
    /// <param name="spare">A state array to use, if one is at hand.</param>
    /// <returns>Whether it was news.</returns>
    public bool Merge(SeriesModel series, Partial partial, LiveGatewaySet gateways, ref long[]? spare)
    {
        var applied = Applied.Of(partial.Epoch);
        if ((partial.State is not null || partial.IsAgain) && partial.ToFlush <= applied) return false;
        var news = partial.ToFlush > applied;
        Asked |= partial.State is null;
        var follows = partial.State is not null && gateways.IsLive(partial.Epoch) && Applied.AreAllOf(gateways)
            && applied < partial.FromFlush && applied == partial.PreviousFlush;
        if (!follows) MarkRecompute(ref spare);
        if (!NeedsRecompute) Fold(series, partial.State!, ref spare);
        Note(partial);
        return news;
    }

    /// <summary>Records that a partial's commits are known, whatever becomes of its content.</summary>
    public void Note(Partial partial)
    {
        if (Covered.Of(partial.Epoch) < partial.FromFlush) NoteUncovered(new FlushId(partial.Epoch, partial.FromFlush));
        else if (Covered.Of(partial.Epoch) < partial.ToFlush) NoteUncovered(new FlushId(partial.Epoch, Covered.Of(partial.Epoch) + 1));
        Applied = Applied.With(new FlushId(partial.Epoch, partial.ToFlush));
    }

    /// <summary>A bar was stored: only what was missed is uncovered now.</summary>
    public void ResetUncovered()
    {
        FirstUncovered = default;
        for (var i = 0; i < Applied.Count; i++)
        {
            var covered = Covered.Of(Applied[i].Epoch);
            if (covered < Applied[i].Flush) NoteUncovered(new FlushId(Applied[i].Epoch, covered + 1));
        }
    }

    /// <summary>From now on only stored ticks count.</summary>
    public void MarkRecompute(ref long[]? spare)
    {
        NeedsRecompute = true;
        ReleaseState(ref spare);
    }

    /// <summary>Lets the state go, for another bucket to use.</summary>
    public void ReleaseState(ref long[]? spare)
    {
        spare ??= State;
        State = null;
    }

    // The partial's array may be pooled by its sender, so the first one is copied as well.
    private void Fold(SeriesModel series, long[] state, ref long[]? spare)
    {
        if (State is null)
        {
            State = spare ?? series.NewState();
            spare = null;
            state.AsSpan().CopyTo(State);
        }
        else
        {
            series.Merge(State, state);
        }
    }

    private void NoteUncovered(FlushId flush)
    {
        var first = FirstUncovered;
        if (first.Epoch == 0 || (flush.Epoch, flush.Flush).CompareTo((first.Epoch, first.Flush)) < 0) FirstUncovered = flush;
    }
}

/// <summary>Counts that become true when the bar is stored.</summary>
/// <param name="Overflows">Metrics whose exact value did not fit.</param>
/// <param name="Repeats">Repeated ticks left out.</param>
/// <param name="NewRepeats">Those of them that were not covered before.</param>
internal readonly record struct PendingCounts(int Overflows, RepeatCounts Repeats, RepeatCounts NewRepeats);
