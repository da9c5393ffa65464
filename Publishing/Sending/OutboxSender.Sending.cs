using System.Diagnostics;
using System.Globalization;
using Tikr.Publishing.Metrics;
using Tikr.Publishing.Records;

namespace Tikr.Publishing.Sending;

/// <summary>Hands entries over, in order.</summary>
internal sealed partial class OutboxSender
{
    private readonly PayloadBuffers _buffers = new();
    private long _alone = -1;
    private bool _sinkIsFull, _isGated;

    private void Send(long now)
    {
        _sinkIsFull = _isGated = false;
        if (_hasFailures || now < _retryAt) return;
        if (!_gate.IsOpen(Topic))
        {
            _isGated = _inFlight.Count > 0;
            return;
        }

        for (_inFlight.SkipSettled(); _inFlight.Next < _inFlight.Tail && !_hasFailures; _inFlight.SkipSettled())
        {
            var number = _inFlight.Next;
            var before = _inFlight[number].State;
            var goesAlone = before == InFlightState.WaitingAlone;
            if (_alone >= 0 || (goesAlone && _inFlight.Unreported > 0)) return;
            if (!TryRecord(number, out var record)) continue;
            _inFlight.MarkSent(number, Stopwatch.GetTimestamp());
            if (goesAlone) Isolate(number);
            if (_sink.TrySend(record, this, number)) continue;
            _inFlight.MarkUnsent(number, before);
            if (goesAlone) _alone = -1;
            _sinkIsFull = true;
            return;
        }
    }

    private void Isolate(long number)
    {
        Invariant.Holds(_alone < 0 && _inFlight.Unreported == 1);
        _inFlight[number].TimesAlone++;
        _alone = number;
    }

    /// <summary>Makes the record of an entry; false if it was given up instead.</summary>
    private bool TryRecord(long number, out OutgoingRecord record)
    {
        ref var inFlight = ref _inFlight[number];
        if (Output.KeyOf(inFlight.Entry.KeyId) is { } key)
        {
            record = Output.RecordOf(inFlight.Entry, key, _buffers);
            return true;
        }

        record = default;
        inFlight.State = InFlightState.Dropped;
        Drop(DropReasons.UnknownKey, 1);
        Log.KeyIsGone(_logger, Output.Name, inFlight.Entry.KeyId, TimeText(inFlight.Entry.TimeNs));
        return false;
    }

    private void Drop(string reason, long entries) => _status.Drops.Dropped(Topic, Output.Name, reason, entries);

    private static string TimeText(long ns) =>
        DateTimeOffset.FromUnixTimeMilliseconds(ns / 1_000_000).ToString("u", CultureInfo.InvariantCulture);
}
