using Tikr.Core.Time;
using Tikr.Core.Wire;

namespace Tikr.Gateway.Ingest.Lanes;

/// <summary>A message that waits for its flush.</summary>
/// <param name="Series">Its series.</param>
/// <param name="Message">Decoded ticks; null for the end of a source.</param>
/// <param name="Source">The source that brought it.</param>
internal readonly record struct QueuedMessage(IngestSeries Series, TickMessage? Message, Source Source);

/// <summary>The messages of one flush and the answer that its streams wait for.</summary>
internal sealed class FlushBatch
{
    private readonly TaskCompletionSource _committed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public List<QueuedMessage> Messages { get; } = [];

    public int Ticks { get; set; }

    /// <summary>
    /// What was rejected at the commit, by stream: ticks whose buckets had lost others since they were received. Read it after
    /// <see cref="Committed"/>.
    /// </summary>
    public Dictionary<StreamProgress, RejectionTally> Rejected { get; } = [];

    /// <summary>When its first message was received.</summary>
    public Instant FirstReceived { get; set; }

    /// <summary>Completes once every tick of the batch is durable; fails with what the store said.</summary>
    public Task Committed => _committed.Task;

    public void Complete() => _committed.TrySetResult();

    public void Fail(Exception error)
    {
        _committed.TrySetException(error);
        _ = _committed.Task.Exception; // observed: a stream may have left before the answer
    }

    public void Release()
    {
        foreach (var queued in Messages) queued.Message?.Release();
        Messages.Clear();
    }
}
