using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Tikr.Core.Time;
using Tikr.Publishing.Metrics;
using Tikr.Publishing.Records;
using Tikr.Storage;

namespace Tikr.Publishing.Sending;

/// <summary>
/// Sends one outbox partition in order: takes entries up from the feed or, where that has a gap, from the outbox; hands them over; deletes
/// those that were delivered by their ids. After a failure nothing more is handed over until all reports are there; then it goes on from
/// the one that failed. One loop runs it; only offers and reports come from other threads.
/// </summary>
internal sealed partial class PartitionSender : ISendReports, IAsyncDisposable
{
    private readonly IOutbox _outbox;
    private readonly SeriesOutput _output;
    private readonly IRecordSink _sink;
    private readonly ITopicGate _gate;
    private readonly OutputReport _report;
    private readonly SenderOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly FeedQueue _feed;
    private readonly SendWindow _window;
    private readonly Wake _wake;
    private readonly PayloadBuffers _buffers = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _reportGate = new();
    private List<Report> _reports = [], _taken = [];
    private Task _loop = Task.CompletedTask;
    private TimeSpan _delay;
    private long _retryAt, _alone = -1;
    private bool _hasFailures, _sinkIsFull, _isOffered, _wasRefusedAlone, _isGated;

    public PartitionSender(
        int partition, SeriesOutput output, IOutbox outbox, IRecordSink sink, ITopicGate gate,
            OutputReport report, SenderOptions options, TimeProvider time, ILogger logger)
    {
        (Partition, _output, _outbox, _sink, _gate, _report) = (partition, output, outbox, sink, gate, report);
        (_options, _time, _logger) = (options, time, logger);
        (_feed, _window, _wake) = (new FeedQueue(options.Feed), new SendWindow(options.Window), new Wake(time));
        _delay = options.RetryDelay;
        _isPolling = outbox.IsShared || OutboxPartitions.IsLate(partition);
    }

    /// <summary>The partition.</summary>
    public int Partition { get; }

    /// <summary>The series.</summary>
    public SeriesOutput Output => _output;

    /// <summary>Topic of what the partition holds.</summary>
    public string Topic => OutboxPartitions.IsLate(Partition) ? _output.LateTopic : _output.Topic;

    /// <summary>Why sending is held up, while it is.</summary>
    public SendFailure? Trouble { get; private set; }

    /// <summary>Since when nothing has been delivered although something waits: Unix nanoseconds, 0 while all is well.</summary>
    public long StalledSinceNs { get; private set; }

    /// <summary>Bucket end of the oldest entry taken up, Unix nanoseconds; 0 if there is none.</summary>
    public long OldestNs { get; private set; }

    /// <summary>Begins to run.</summary>
    public void Start() => _loop = Task.Run(RunAsync);

    /// <summary>Offers an entry that has just been written; <see cref="NudgeIfOffered"/> follows after the last one.</summary>
    public void Offer(in WaitingEntry entry)
    {
        _feed.Offer(entry);
        _isOffered = true;
    }

    /// <summary>Wakes the loop after offers. Called by whoever offers.</summary>
    public void NudgeIfOffered()
    {
        if (!_isOffered) return;
        _isOffered = false;
        _wake.Set();
    }

    /// <inheritdoc/>
    public void Delivered(long token) => Report(new Report(token, null));

    /// <inheritdoc/>
    public void Failed(long token, SendFailure failure) => Report(new Report(token, failure));

    /// <summary>
    /// Stops handing over, waits a moment for what is under way, and deletes what was delivered. The rest stays in the outbox.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        _feed.Close();
        await _stop.CancelAsync().ConfigureAwait(false);
        _wake.Set();
        await _loop.ConfigureAwait(false);
        _wake.Dispose();
        _stop.Dispose();
        if (Trouble is not null) _report.Topics.Succeeds(Topic, _output.Name);
    }

    /// <summary>One round; answers how long the next may wait.</summary>
    internal async ValueTask<TimeSpan> StepAsync(CancellationToken cancellation)
    {
        var now = _time.GetUnixNanoseconds();
        TakeReports(now);
        if (_hasFailures && _window.Sent == 0) Recover(now);
        _window.TakeFinished(_finished);
        await DeleteAsync(now, cancellation).ConfigureAwait(false);
        await TrimAsync(now, cancellation).ConfigureAwait(false);
        await FillAsync(now, cancellation).ConfigureAwait(false);
        Send(now);
        Observe(now);
        return NextPause(now);
    }

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await _wake.WaitAsync(await StepAsync(_stop.Token).ConfigureAwait(false), _stop.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                break;
            }
            catch (Exception error) when (error is not OutOfMemoryException)
            {
                // The store is away, most likely: nothing is lost, everything is taken up again.
                Log.SenderFailed(_logger, _output.Name, Partition, error);
                await PauseAsync().ConfigureAwait(false);
            }
        }

        await FinishAsync().ConfigureAwait(false);
    }

    private async Task PauseAsync()
    {
        try
        {
            await Task.Delay(_options.MaxRetryDelay / 5, _time, _stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }

    private void Send(long now)
    {
        _sinkIsFull = _isGated = false;
        if (_hasFailures || now < _retryAt) return;
        if (!_gate.IsOpen(Topic))
        {
            _isGated = _window.Count > 0;
            return;
        }

        for (_window.SkipSettled(); _window.Next < _window.Tail && !_hasFailures; _window.SkipSettled())
        {
            var number = _window.Next;
            if (_alone >= 0 || (_window[number].State == SlotState.WaitingAlone && _window.Sent > 0)) return;
            if (!TryRecord(number, out var record)) continue;
            var before = _window[number].State;
            _window.MarkSent(number, Stopwatch.GetTimestamp());
            if (before == SlotState.WaitingAlone) Isolate(number);
            if (_sink.TrySend(record, this, number)) continue;
            _window.MarkUnsent(number, before);
            if (_alone == number) _alone = -1;
            _sinkIsFull = true;
            return;
        }
    }

    private void Isolate(long number)
    {
        _window[number].TimesAlone++;
        _alone = number;
    }

    /// <summary>Makes the record of an entry; false if it was given up instead.</summary>
    private bool TryRecord(long number, out OutgoingRecord record)
    {
        ref var slot = ref _window[number];
        record = default;
        var key = _output.KeyOf(slot.Entry.KeyId);
        if (key is not null)
        {
            record = _output.RecordOf(slot.Entry, key, _buffers);
            return true;
        }

        slot.State = SlotState.Dropped;
        Drop(DropReasons.UnknownKey, 1);
        Log.KeyIsGone(_logger, _output.Name, slot.Entry.KeyId, TimeText(slot.Entry.TimeNs));
        return false;
    }

    private static string TimeText(long ns) =>
        DateTimeOffset.FromUnixTimeMilliseconds(ns / 1_000_000).ToString("u", System.Globalization.CultureInfo.InvariantCulture);

    private void Report(Report report)
    {
        bool first;
        lock (_reportGate)
        {
            _reports.Add(report);
            first = _reports.Count == 1;
        }

        if (first) _wake.Set();
    }
}

/// <summary>What became of the entry of a number.</summary>
internal readonly record struct Report(long Number, SendFailure? Failure);
