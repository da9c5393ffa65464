using Tikr.Core.Wire;

namespace Tikr.Gateway.Ingest;

/// <summary>A message that waits for its flush.</summary>
/// <param name="Series">Its series.</param>
/// <param name="Message">Decoded ticks; null for the end of a feed.</param>
/// <param name="Feed">The feed that brought it.</param>
internal readonly record struct PendingMessage(SeriesIntake Series, TickMessage? Message, Feed Feed);

/// <summary>The messages of one flush and the answer that its streams wait for.</summary>
internal sealed class FlushBatch
{
    private readonly TaskCompletionSource _committed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public List<PendingMessage> Messages { get; } = [];

    public int Ticks { get; set; }

    /// <summary>When its first message was received, Unix nanoseconds.</summary>
    public long FirstReceivedNs { get; set; }

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
        foreach (var pending in Messages) pending.Message?.Release();
        Messages.Clear();
    }
}
