using Tikr.Core.Time;
using Tikr.Publishing.Metrics;
using Tikr.Publishing.Records;

namespace Tikr.Publishing.Sending;

/// <summary>Where entries come from: offers, and the outbox where offers were passed over.</summary>
internal sealed partial class OutboxSender
{
    private const int PageEntries = 1_024;
    private static readonly long MeasurePeriodNs = TimeSpan.FromSeconds(10).ToNanoseconds();
    private readonly List<WaitingEntry> _page = new(PageEntries);
    private readonly HashSet<ulong> _known = [];
    private readonly HashSet<uint> _unknownKeys = [];
    private readonly bool _isPolling;
    private bool _isBehind = true;
    private int _mayHaveMissed;
    private ulong _cursor;
    private long _polledNs;

    /// <summary>Entries may have been written that were not offered: they are looked for in the whole outbox partition.</summary>
    public void LookForMissed()
    {
        Volatile.Write(ref _mayHaveMissed, 1);
        _offers.Close();
        _wake.Set();
    }

    private async ValueTask FillAsync(long now, CancellationToken cancellation)
    {
        if (!_isBehind && _offers.HasGap && (_offers.Count == 0 || _inFlight.Room == 0))
            await FallBehindAsync(now, cancellation).ConfigureAwait(false);
        if (_isBehind) await CatchUpAsync(now, cancellation).ConfigureAwait(false);
        else if (_isPolling && (now - _polledNs >= _options.PollPeriod.ToNanoseconds() || MayOvertake()))
            await PollAsync(now, cancellation).ConfigureAwait(false);
        if (_isBehind || _inFlight.Room == 0) return;
        _page.Clear();
        _offers.TakeInto(_page, _inFlight.Room);
        if (_page.Count == 0) return;
        if (!_outbox.IsShared) _page.RemoveAll(WasRead);
        await AddPageAsync(cancellation).ConfigureAwait(false);
    }

    private bool MayOvertake() => _outbox.IsShared && _inFlight.Room > 0 && _offers.TakeHasRevision();

    private async ValueTask FallBehindAsync(long now, CancellationToken cancellation)
    {
        // Offers that were taken and those that were not do not follow each other by id, so it goes back to the least that was not.
        var leastMissed = _offers.Close();
        var looksForAll = Interlocked.Exchange(ref _mayHaveMissed, 0) == 1;
        _isBehind = true;
        if (_outbox.IsShared || looksForAll) _cursor = 0;
        else if (leastMissed is { } missed) _cursor = missed - 1;
        await MeasureAsync(now, cancellation).ConfigureAwait(false);
    }

    /// <summary>
    /// Reads the outbox on. Where it ends, offers are taken again and the rest is read once more: so no entry falls between the two.
    /// </summary>
    private async ValueTask CatchUpAsync(long now, CancellationToken cancellation)
    {
        if (_measuredNs == 0 || (_outbox.IsShared && now - _measuredNs > MeasurePeriodNs))
            await MeasureAsync(now, cancellation).ConfigureAwait(false);
        var wanted = Math.Min(PageEntries, _inFlight.Room);
        if (wanted == 0) return;
        if (await ReadPageAsync(wanted, cancellation).ConfigureAwait(false) == wanted) return;
        wanted = Math.Min(PageEntries, _inFlight.Room);
        if (wanted == 0) return;
        _offers.Open();
        if (_outbox.IsShared) _cursor = 0;
        if (await ReadPageAsync(wanted, cancellation).ConfigureAwait(false) == wanted) _offers.Close();
        else _isBehind = false;
    }

    private async ValueTask PollAsync(long now, CancellationToken cancellation)
    {
        _polledNs = now;
        var wanted = Math.Min(PageEntries, _inFlight.Room);
        if (wanted == 0) return;
        if (_outbox.IsShared) _cursor = 0;
        if (await ReadPageAsync(wanted, cancellation).ConfigureAwait(false) < wanted) return;
        await FallBehindAsync(now, cancellation).ConfigureAwait(false);
    }

    /// <summary>Takes up to so many entries up from the outbox that are not in hand yet; returns how many there were.</summary>
    private async ValueTask<int> ReadPageAsync(int wanted, CancellationToken cancellation)
    {
        _page.Clear();
        _known.Clear();
        _inFlight.AddIds(_known, _cursor);
        foreach (var id in _finished) _known.Add(id);
        await foreach (var entry in _outbox.ReadAsync(OutboxPartition, _cursor, cancellation).ConfigureAwait(false))
        {
            _cursor = entry.Id;
            if (_known.Contains(entry.Id)) continue;
            _page.Add(WaitingEntry.Of(entry));
            if (_page.Count == wanted) break;
        }

        var count = _page.Count;
        if (_outbox.IsShared) _offers.MarkRead(_page.Select(static entry => entry.Id));
        await AddPageAsync(cancellation).ConfigureAwait(false);
        return count;
    }

    /// <summary>
    /// Whether an offered entry has been read from the outbox. Alone, the process commits one after the other and each has greater ids than
    /// the one before, so where the last read ended tells.
    /// </summary>
    private bool WasRead(WaitingEntry entry) => entry.Id <= _cursor;

    private async ValueTask AddPageAsync(CancellationToken cancellation)
    {
        if (_page.Count == 0) return;
        SortPage();
        _unknownKeys.Clear();
        foreach (var entry in _page)
        {
            if (Output.KeyOf(entry.KeyId) is null) _unknownKeys.Add(entry.KeyId);
        }

        if (_unknownKeys.Count > 0) await Output.ResolveAsync(_unknownKeys, cancellation).ConfigureAwait(false);
        var expiredBefore = _outbox.ExpiredBeforeNs;
        var expired = 0;
        foreach (var entry in _page)
        {
            var isExpired = entry.TimeNs < expiredBefore;
            _inFlight.Add(entry, isExpired ? InFlightState.Dropped : InFlightState.Waiting);
            if (isExpired) expired++;
        }

        _page.Clear();
        if (expired > 0) Drop(DropReasons.Expired, expired);
    }

    private void SortPage()
    {
        for (var i = 1; i < _page.Count; i++)
        {
            if (WaitingEntry.ByTime(_page[i - 1], _page[i]) <= 0) continue;
            _page.Sort(WaitingEntry.ByTime);
            return;
        }
    }
}
