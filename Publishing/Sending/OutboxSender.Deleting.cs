using Tikr.Core.Time;

namespace Tikr.Publishing.Sending;

/// <summary>Deletes finished entries from the outbox, and waits for the last reports when it ends.</summary>
internal sealed partial class OutboxSender
{
    private static readonly TimeSpan FinishTime = TimeSpan.FromSeconds(2);
    private readonly List<ulong> _finished = [];
    private long _finishedSince;

    private async ValueTask DeleteAsync(long now, CancellationToken cancellation, bool all = false)
    {
        if (_finished.Count == 0) return;
        if (_finishedSince == 0) _finishedSince = now;
        if (!all && _finished.Count < _options.DeleteBatch && now - _finishedSince < _options.DeletePause.ToNanoseconds()) return;
        await _outbox.DeleteAsync(OutboxPartition, _finished, cancellation).ConfigureAwait(false);
        _deletedSince += _finished.Count;
        _finished.Clear();
        _finishedSince = 0;
    }

    /// <summary>Waits a moment for reports of what is under way, and deletes what was delivered.</summary>
    private async Task FinishAsync()
    {
        try
        {
            using var bounded = new CancellationTokenSource(FinishTime, _time);
            while (true)
            {
                TakeReports();
                if (_inFlight.Unreported == 0) break;
                await _wake.WaitAsync(FinishTime, bounded.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // What was not reported stays in the outbox and is sent again.
        }

        try
        {
            _inFlight.TakeFinished(_finished);
            await DeleteAsync(Instant.MonotonicOf(_time), CancellationToken.None, all: true).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            Log.SenderFailed(_logger, Output.Name, OutboxPartition, error);
        }
    }
}
