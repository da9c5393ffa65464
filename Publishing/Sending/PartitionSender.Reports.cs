using System.Diagnostics;
using Tikr.Publishing.Metrics;

namespace Tikr.Publishing.Sending;

/// <summary>What follows from reports.</summary>
internal sealed partial class PartitionSender
{
    // One in so many is timed.
    private const long TimedMask = 63;

    private void TakeReports(long now)
    {
        lock (_reportGate) (_reports, _taken) = (_taken, _reports);
        var delivered = 0;
        foreach (var report in _taken)
        {
            if (report.Failure is { } failure) TakeFailure(report.Number, failure);
            else if (TakeDelivery(report.Number)) delivered++;
        }

        _taken.Clear();
        if (delivered == 0) return;
        _report.Metrics.Delivered(Topic, _output.Name, delivered);
        (_delay, StalledSinceNs) = (_options.RetryDelay, 0);
        if (_hasFailures) return;
        if (Trouble is not null) _report.Topics.Succeeds(Topic, _output.Name);
        Trouble = null;
    }

    private bool TakeDelivery(long number)
    {
        if (!_window.TrySettle(number, SlotState.Delivered)) return false;
        if ((number & TimedMask) == 0) _report.Metrics.Took(Topic, Stopwatch.GetElapsedTime(_window[number].SentAt));
        if (number != _alone) return true;

        // Its successors may be in the topic before it: they follow once more.
        _alone = -1;
        _window.RepeatBehind(number);
        return true;
    }

    private void TakeFailure(long number, SendFailure failure)
    {
        var isAlone = number == _alone;
        if (isAlone) _alone = -1;
        if (isAlone && failure.Kind == SendFailureKind.Record && _window[number].TimesAlone >= _options.TimesAlone)
        {
            if (!_window.TrySettle(number, SlotState.Dropped)) return;
            _report.Metrics.Dropped(Topic, _output.Name, DropReasons.Refused, 1);
            Log.DeadLetter(_logger, Topic, _output.Name, _window[number].Entry.KeyId,
                TimeText(_window[number].Entry.TimeNs), failure.Reason);
            return;
        }

        if (!_window.TrySettle(number, failure.Kind == SendFailureKind.Record ? SlotState.Refused : SlotState.Failed)) return;
        _hasFailures = true;
        _wasRefusedAlone |= isAlone;
        if (failure.Kind == SendFailureKind.Record) return;
        if (Trouble is null) _report.Topics.Fails(Topic, _output.Name, failure.Reason);
        Trouble = failure;
    }

    /// <summary>
    /// Everything under way was reported: go on from the first that failed, after a pause unless records were refused for the first time.
    /// </summary>
    private void Recover(long now)
    {
        _hasFailures = false;
        _window.Rewind();
        if (Trouble is null && !_wasRefusedAlone) return;
        _wasRefusedAlone = false;
        _retryAt = now + (_delay.Ticks * TimeSpan.NanosecondsPerTick);
        _delay = _delay * 2 < _options.MaxRetryDelay ? _delay * 2 : _options.MaxRetryDelay;
    }

    private void Observe(long now)
    {
        OldestNs = _window.Count == 0 ? 0 : _window[_window.Head].Entry.TimeNs;
        if (_window.Count == 0) StalledSinceNs = 0;
        else if (StalledSinceNs == 0) StalledSinceNs = now;
    }

    private TimeSpan NextPause(long now)
    {
        var pause = TimeSpan.FromSeconds(1);
        if (_isPolling || _isBehind) pause = _options.PollPeriod;
        if (_finished.Count > 0) pause = Least(pause, _options.DeletePause);
        if (_isGated) pause = Least(pause, _options.GatePause);
        if (_sinkIsFull) pause = Least(pause, _options.RoomPause);
        if (_retryAt > now) pause = Least(pause, TimeSpan.FromTicks(((_retryAt - now) / TimeSpan.NanosecondsPerTick) + 1));
        if (_hasFailures && _window.Sent == 0) pause = TimeSpan.Zero;
        if (_window.Room > 0 && _isBehind) pause = TimeSpan.Zero;
        return pause > TimeSpan.Zero ? pause : TimeSpan.FromTicks(1);
    }

    private static TimeSpan Least(TimeSpan left, TimeSpan right) => left < right ? left : right;
}
