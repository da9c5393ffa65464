using Tikr.Core.Time;
using Tikr.Publishing.Metrics;
using Tikr.Publishing.Records;
using Tikr.Storage;

namespace Tikr.Publishing.Sending;

/// <summary>Where entries come from, and where they go when they are done.</summary>
internal sealed partial class PartitionSender
{
    private const int PageEntries = 1_024;
    private static readonly TimeSpan FinishTime = TimeSpan.FromSeconds(2);
    private readonly List<WaitingEntry> _page = new(PageEntries);
    private readonly List<ulong> _finished = [];
    private readonly HashSet<ulong> _known = [];
    private readonly HashSet<uint> _unknownKeys = [];
    private readonly bool _isPolling;
    private bool _isBehind = true;
    private int _mayHaveMissed;
    private ulong _cursor;
    private long _finishedSince, _polledNs, _measuredNs;
    private OutboxSize _measured;
    private long _offeredWhenMeasured, _deletedSince;

    /// <summary>Entries waiting or under way.</summary>
    public long Depth => _isBehind
        ? Math.Max(_window.Count, _measured.Entries + _feed.Offered - _offeredWhenMeasured - _deletedSince)
        : _window.Count + _feed.Count;

    /// <summary>Bytes that they take in the store, about.</summary>
    public long DepthBytes => _measured.Entries == 0 ? Depth * 128 : (long)(Depth * ((double)_measured.Bytes / _measured.Entries));

    /// <summary>Entries may have been written that were not offered: they are looked for in the whole partition.</summary>
    public void LookForMissed()
    {
        Volatile.Write(ref _mayHaveMissed, 1);
        _feed.Close();
        _wake.Set();
    }

    private async ValueTask FillAsync(long now, CancellationToken cancellation)
    {
        if (!_isBehind && _feed.HasGap && (_feed.Count == 0 || _window.Room == 0))
            await FallBehindAsync(now, cancellation).ConfigureAwait(false);
        if (_isBehind) await CatchUpAsync(now, cancellation).ConfigureAwait(false);
        else if (_isPolling && (now - _polledNs >= _options.PollPeriod.ToNanoseconds() || MayOvertake()))
            await PollAsync(now, cancellation).ConfigureAwait(false);
        if (_isBehind || _window.Room == 0) return;
        _page.Clear();
        _feed.TakeInto(_page, _window.Room);
        if (_page.Count == 0) return;
        if (!_outbox.IsShared) _page.RemoveAll(WasRead);
        await AddPageAsync(now, cancellation).ConfigureAwait(false);
    }

    private bool MayOvertake() => _outbox.IsShared && _window.Room > 0 && _feed.TakeHasRevision();

    private async ValueTask FallBehindAsync(long now, CancellationToken cancellation)
    {
        // What was taken from the feed and what was not do not follow each other by id, so it goes back to the least that was not.
        var missed = _feed.Close();
        var looksForAll = Interlocked.Exchange(ref _mayHaveMissed, 0) == 1;
        (_isBehind, _cursor) = (true, _outbox.IsShared || looksForAll ? 0 : missed == ulong.MaxValue ? _cursor : missed - 1);
        await MeasureAsync(now, cancellation).ConfigureAwait(false);
    }

    private async ValueTask MeasureAsync(long now, CancellationToken cancellation)
    {
        _measuredNs = now;
        (_offeredWhenMeasured, _deletedSince) = (_feed.Offered, 0);
        _measured = await _outbox.MeasureAsync(Partition, cancellation).ConfigureAwait(false);
    }

    /// <summary>
    /// Reads the outbox on. Where it ends, the feed is opened and the rest read once more: so no entry falls between the two.
    /// </summary>
    private async ValueTask CatchUpAsync(long now, CancellationToken cancellation)
    {
        if (_measuredNs == 0 || (_outbox.IsShared && now - _measuredNs > TimeSpan.FromSeconds(10).ToNanoseconds()))
            await MeasureAsync(now, cancellation).ConfigureAwait(false);
        var wanted = Math.Min(PageEntries, _window.Room);
        if (wanted == 0) return;
        if (await ReadPageAsync(wanted, now, cancellation).ConfigureAwait(false) == wanted) return;
        wanted = Math.Min(PageEntries, _window.Room);
        if (wanted == 0) return;
        _feed.Open();
        if (_outbox.IsShared) _cursor = 0;
        if (await ReadPageAsync(wanted, now, cancellation).ConfigureAwait(false) == wanted) _feed.Close();
        else _isBehind = false;
    }

    private async ValueTask PollAsync(long now, CancellationToken cancellation)
    {
        _polledNs = now;
        var wanted = Math.Min(PageEntries, _window.Room);
        if (wanted == 0) return;
        if (_outbox.IsShared) _cursor = 0;
        if (await ReadPageAsync(wanted, now, cancellation).ConfigureAwait(false) < wanted) return;
        await FallBehindAsync(now, cancellation).ConfigureAwait(false);
    }

    /// <summary>Takes up to so many entries up from the outbox that are not in hand yet; answers how many there were.</summary>
    private async ValueTask<int> ReadPageAsync(int wanted, long now, CancellationToken cancellation)
    {
        _page.Clear();
        _known.Clear();
        _window.AddIds(_known, _cursor);
        foreach (var id in _finished) _known.Add(id);
        await foreach (var entry in _outbox.ReadAsync(Partition, _cursor, cancellation).ConfigureAwait(false))
        {
            _cursor = entry.Id;
            if (_known.Contains(entry.Id)) continue;
            _page.Add(WaitingEntry.Of(entry));
            if (_page.Count == wanted) break;
        }

        var count = _page.Count;
        if (_outbox.IsShared) _feed.MarkRead(_page.Select(static entry => entry.Id));
        await AddPageAsync(now, cancellation).ConfigureAwait(false);
        return count;
    }

    /// <summary>
    /// Whether an offered entry has been read from the outbox. Alone, the process commits one after the other and each has greater ids than
    /// the one before, so where the last read ended tells.
    /// </summary>
    private bool WasRead(WaitingEntry entry) => entry.Id <= _cursor;

    private async ValueTask AddPageAsync(long now, CancellationToken cancellation)
    {
        if (_page.Count == 0) return;
        SortPage();
        _unknownKeys.Clear();
        foreach (var entry in _page)
        {
            if (_output.KeyOf(entry.KeyId) is null) _unknownKeys.Add(entry.KeyId);
        }

        if (_unknownKeys.Count > 0) await _output.ResolveAsync(_unknownKeys, cancellation).ConfigureAwait(false);
        var expiredBefore = now - _options.TimeToLive.ToNanoseconds();
        var expired = 0;
        foreach (var entry in _page)
        {
            _window.Add(entry);
            if (entry.TimeNs >= expiredBefore) continue;
            _window[_window.Tail - 1].State = SlotState.Dropped;
            expired++;
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

    private async ValueTask DeleteAsync(long now, CancellationToken cancellation, bool all = false)
    {
        if (_finished.Count == 0) return;
        if (_finishedSince == 0) _finishedSince = now;
        if (!all && _finished.Count < _options.DeleteBatch && now - _finishedSince < _options.DeletePause.ToNanoseconds()) return;
        await _outbox.DeleteAsync(Partition, _finished, cancellation).ConfigureAwait(false);
        _deletedSince += _finished.Count;
        _finished.Clear();
        _finishedSince = 0;
    }

    private void Drop(string reason, long entries) => _report.Drops.Dropped(Topic, _output.Name, reason, entries);

    /// <summary>Waits a moment for reports of what is under way, and deletes what was delivered.</summary>
    private async Task FinishAsync()
    {
        try
        {
            using var bounded = new CancellationTokenSource(FinishTime, _time);
            while (true)
            {
                TakeReports(_time.GetUnixNanoseconds());
                if (_window.Sent == 0) break;
                await _wake.WaitAsync(FinishTime, bounded.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // What was not reported stays in the outbox and is sent again.
        }

        try
        {
            _window.TakeFinished(_finished);
            await DeleteAsync(_time.GetUnixNanoseconds(), CancellationToken.None, all: true).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            Log.SenderFailed(_logger, _output.Name, Partition, error);
        }
    }
}
