using Microsoft.Extensions.Logging;
using Tikr.Core.Time;
using Tikr.Publishing.Metrics;
using Tikr.Publishing.Records;
using Tikr.Storage;

namespace Tikr.Publishing.Sending;

/// <summary>
/// Sends one outbox partition in order: takes up entries that are offered or, where offers were passed over, those of the outbox; hands
/// them over; deletes those that were delivered by their ids. After a failure nothing more is handed over until all reports are there; then
/// it goes on from the one that failed. One loop runs it; only offers and reports come from other threads.
/// </summary>
internal sealed partial class OutboxSender : IDeliveryReports, IAsyncDisposable
{
    private readonly IOutbox _outbox;
    private readonly IRecordSink _sink;
    private readonly ITopicGate _gate;
    private readonly SenderStatus _status;
    private readonly SenderOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly OfferQueue _offers;
    private readonly InFlightRecords _inFlight;
    private readonly Wake _wake;
    private readonly CancellationTokenSource _stop = new();
    private Task _loop = Task.CompletedTask;
    private bool _isOffered;

    public OutboxSender(
        int outboxPartition, PublishedSeries output, IOutbox outbox, IRecordSink sink, ITopicGate gate, SenderStatus status,
        SenderOptions options, TimeProvider time, ILogger logger)
    {
        OutboxPartition = outboxPartition;
        Output = output;
        Topic = OutboxPartitions.IsLate(outboxPartition) ? output.LateTopic : output.Topic;
        _outbox = outbox;
        _sink = sink;
        _gate = gate;
        _status = status;
        _options = options;
        _time = time;
        _logger = logger;
        _offers = new OfferQueue(options.MaxOffered);
        _inFlight = new InFlightRecords(options.MaxInFlight);
        _wake = new Wake(time);
        _delay = options.RetryDelay;
        _isPolling = outbox.IsShared || OutboxPartitions.IsLate(outboxPartition);
    }

    /// <summary>The outbox partition.</summary>
    public int OutboxPartition { get; }

    /// <summary>The series.</summary>
    public PublishedSeries Output { get; }

    /// <summary>Topic of what the outbox partition holds.</summary>
    public string Topic { get; }

    /// <summary>Begins to run.</summary>
    public void Start() => _loop = Task.Run(RunAsync);

    /// <summary>Offers an entry that has just been written; <see cref="NudgeIfOffered"/> follows after the last one.</summary>
    public void Offer(in WaitingEntry entry)
    {
        _offers.Offer(entry);
        _isOffered = true;
    }

    /// <summary>Wakes the loop after offers. Called by whoever offers.</summary>
    public void NudgeIfOffered()
    {
        if (!_isOffered) return;
        _isOffered = false;
        _wake.Set();
    }

    /// <summary>
    /// Stops handing over, waits a moment for what is under way, and deletes what was delivered. The rest stays in the outbox.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        _offers.Close();
        await _stop.CancelAsync().ConfigureAwait(false);
        _wake.Set();
        await _loop.ConfigureAwait(false);
        _wake.Dispose();
        _stop.Dispose();
        if (Trouble is not null) _status.Topics.Succeeds(Topic, Output.Name);
    }

    /// <summary>One round; returns how long the next may wait.</summary>
    internal async ValueTask<TimeSpan> StepAsync(CancellationToken cancellation)
    {
        var now = Instant.MonotonicOf(_time);
        TakeReports();
        if (_hasFailures && _inFlight.Unreported == 0) Recover(now);
        _inFlight.TakeFinished(_finished);
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
                Log.SenderFailed(_logger, Output.Name, OutboxPartition, error);
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

    private TimeSpan NextPause(long now)
    {
        var pause = _isPolling || _isBehind ? _options.PollPeriod : TimeSpan.FromSeconds(1);
        if (_finished.Count > 0) pause = Least(pause, _options.DeletePause);
        if (_isGated) pause = Least(pause, _options.GatePause);
        if (_sinkIsFull) pause = Least(pause, _options.RoomPause);
        if (_retryAt > now) pause = Least(pause, TimeSpan.FromTicks(((_retryAt - now) / TimeSpan.NanosecondsPerTick) + 1));
        var isReady = (_hasFailures && _inFlight.Unreported == 0) || (_isBehind && _inFlight.Room > 0);
        return isReady ? TimeSpan.FromTicks(1) : pause;
    }

    private static TimeSpan Least(TimeSpan left, TimeSpan right) => left < right ? left : right;
}
