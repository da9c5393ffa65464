using Tikr.Core.Time;
using Tikr.Publishing.Metrics;
using Tikr.Publishing.Records;

namespace Tikr.Publishing.Sending;

/// <summary>Keeps the outbox in its bounds while it cannot be sent.</summary>
internal sealed partial class OutboxSender
{
    private const int TrimEntries = 4_096;
    private static readonly long ExpiryPeriodNs = TimeSpan.FromSeconds(10).ToNanoseconds();
    private readonly List<ulong> _trimmed = [];
    private long _toTrim, _nextExpiryNs;

    /// <summary>Asks to drop so many of the oldest entries that are not under way.</summary>
    public void RequestTrim(long entries)
    {
        Interlocked.Exchange(ref _toTrim, entries);
        _wake.Set();
    }

    /// <summary>Drops the oldest entries behind those taken up: as many as were asked for, and those whose time has passed.</summary>
    private async ValueTask TrimAsync(long now, CancellationToken cancellation)
    {
        var toTrim = Interlocked.Read(ref _toTrim);
        if (!_isBehind || (toTrim == 0 && (now < _nextExpiryNs || _inFlight.Room > 0))) return;
        if (now >= _nextExpiryNs) _nextExpiryNs = now + ExpiryPeriodNs;
        var expiredBefore = _outbox.ExpiredBeforeNs;
        var (cursor, expired) = (_cursor, 0L);
        _trimmed.Clear();
        _known.Clear();
        _inFlight.AddIds(_known, cursor);
        await foreach (var entry in _outbox.ReadAsync(OutboxPartition, cursor, cancellation).ConfigureAwait(false))
        {
            if (_known.Contains(entry.Id)) continue;
            var isExpired = WaitingEntry.Of(entry).TimeNs < expiredBefore;
            if (!isExpired && _trimmed.Count - expired >= toTrim) break;
            if (isExpired) expired++;
            _trimmed.Add(entry.Id);
            cursor = entry.Id;
            if (_trimmed.Count == TrimEntries) break;
        }

        if (_trimmed.Count == 0)
        {
            Interlocked.Exchange(ref _toTrim, 0);
            return;
        }

        await _outbox.DeleteAsync(OutboxPartition, _trimmed, cancellation).ConfigureAwait(false);
        _deletedSince += _trimmed.Count;
        _cursor = cursor;
        var full = _trimmed.Count - expired;
        Invariant.Holds(full >= 0 && full <= toTrim);
        Interlocked.Add(ref _toTrim, -full);
        if (expired > 0) Drop(DropReasons.Expired, expired);
        if (full > 0) Drop(DropReasons.OutboxFull, full);
        if (Interlocked.Read(ref _toTrim) < 0) Interlocked.Exchange(ref _toTrim, 0);
    }
}
