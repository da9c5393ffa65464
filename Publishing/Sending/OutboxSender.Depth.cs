using Tikr.Storage;

namespace Tikr.Publishing.Sending;

/// <summary>How much waits, and for how long.</summary>
internal sealed partial class OutboxSender
{
    private OutboxSize _measured;
    private long _measuredNs, _offeredWhenMeasured, _deletedSince;

    /// <summary>Entries waiting or under way.</summary>
    public long Depth => _isBehind
        ? Math.Max(_inFlight.Count, _measured.Entries + _offers.Offered - _offeredWhenMeasured - _deletedSince)
        : _inFlight.Count + _offers.Count;

    /// <summary>Bytes that they take in the store, about.</summary>
    public long DepthBytes => _measured.Entries == 0 ? Depth * 128 : (long)(Depth * ((double)_measured.Bytes / _measured.Entries));

    /// <summary>Since when nothing has been delivered although something waits: monotonic nanoseconds, null while all is well.</summary>
    public long? StalledSinceNs { get; private set; }

    /// <summary>Bucket start of the oldest entry taken up, Unix nanoseconds; 0 if there is none.</summary>
    public long OldestNs { get; private set; }

    private async ValueTask MeasureAsync(long now, CancellationToken cancellation)
    {
        _measuredNs = now;
        _offeredWhenMeasured = _offers.Offered;
        _deletedSince = 0;
        _measured = await _outbox.MeasureAsync(OutboxPartition, cancellation).ConfigureAwait(false);
    }

    private void Observe(long now)
    {
        var isEmpty = _inFlight.Count == 0;
        OldestNs = isEmpty ? 0 : _inFlight[_inFlight.Head].Entry.TimeNs;
        StalledSinceNs = isEmpty ? null : StalledSinceNs ?? now;
    }
}
