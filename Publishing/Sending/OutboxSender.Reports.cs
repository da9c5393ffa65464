using System.Diagnostics;
using Tikr.Publishing.Metrics;

namespace Tikr.Publishing.Sending;

/// <summary>What follows from delivery reports.</summary>
internal sealed partial class OutboxSender
{
    // One in so many is timed.
    private const long TimedMask = 63;
    private readonly Lock _reportGate = new();
    private List<DeliveryReport> _reports = [], _taken = [];
    private TimeSpan _delay;
    private long _retryAt;
    private bool _hasFailures, _wasRejectedAlone;

    /// <summary>Why sending is held up, while it is.</summary>
    public SendFailure? Trouble { get; private set; }

    /// <inheritdoc/>
    public void Delivered(long token) => Report(new DeliveryReport(token, null));

    /// <inheritdoc/>
    public void Failed(long token, SendFailure failure) => Report(new DeliveryReport(token, failure));

    private void Report(DeliveryReport report)
    {
        bool first;
        lock (_reportGate)
        {
            _reports.Add(report);
            first = _reports.Count == 1;
        }

        if (first) _wake.Set();
    }

    private void TakeReports()
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
        _status.Metrics.Delivered(Topic, Output.Name, delivered);
        _delay = _options.RetryDelay;
        StalledSinceNs = null;
        if (_hasFailures) return;
        if (Trouble is not null) _status.Topics.Succeeds(Topic, Output.Name);
        Trouble = null;
    }

    private bool TakeDelivery(long number)
    {
        if (!_inFlight.TrySettle(number, InFlightState.Delivered)) return false;
        if ((number & TimedMask) == 0) _status.Metrics.Took(Topic, Stopwatch.GetElapsedTime(_inFlight[number].SentAt));
        if (number != _alone) return true;

        // Its successors may be in the topic before it: they follow once more.
        _alone = -1;
        _inFlight.RepeatBehind(number);
        return true;
    }

    private void TakeFailure(long number, SendFailure failure)
    {
        var isAlone = number == _alone;
        var isOfRecord = failure.Kind == SendFailureKind.Record;
        if (isAlone) _alone = -1;
        if (isAlone && isOfRecord && _inFlight[number].TimesAlone >= _options.TimesAlone)
        {
            GiveUp(number, failure);
            return;
        }

        if (!_inFlight.TrySettle(number, isOfRecord ? InFlightState.Rejected : InFlightState.Failed)) return;
        _hasFailures = true;
        _wasRejectedAlone |= isAlone;
        if (isOfRecord) return;
        if (Trouble is null) _status.Topics.Fails(Topic, Output.Name, failure.Reason);
        Trouble = failure;
    }

    private void GiveUp(long number, SendFailure failure)
    {
        if (!_inFlight.TrySettle(number, InFlightState.Dropped)) return;
        var entry = _inFlight[number].Entry;
        _status.Metrics.Dropped(Topic, Output.Name, DropReasons.Refused, 1);
        Log.DeadLetter(_logger, Topic, Output.Name, entry.KeyId, TimeText(entry.TimeNs), failure.Reason);
    }

    /// <summary>
    /// Everything under way was reported: go on from the first that failed, after a pause unless records were rejected for the first time.
    /// </summary>
    private void Recover(long now)
    {
        _hasFailures = false;
        _inFlight.Rewind();
        if (Trouble is null && !_wasRejectedAlone) return;
        _wasRejectedAlone = false;
        _retryAt = now + (_delay.Ticks * TimeSpan.NanosecondsPerTick);
        _delay = Least(_delay * 2, _options.MaxRetryDelay);
    }

    /// <summary>The outcome of the entry of a number; without a failure it was delivered.</summary>
    private readonly record struct DeliveryReport(long Number, SendFailure? Failure);
}
