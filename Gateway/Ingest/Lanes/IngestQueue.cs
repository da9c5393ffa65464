using System.Diagnostics;
using Tikr.Core.Time;

namespace Tikr.Gateway.Ingest.Lanes;

/// <summary>
/// Where streams leave their messages and their lane takes them: the only meeting point of the two. Holds at most so many uncommitted
/// ticks; beyond that streams wait, are not read, and HTTP/2 flow control stalls their clients.
/// </summary>
internal sealed class IngestQueue(IngestOptions options, TimeProvider time) : IDisposable
{
    // A message costs a flush as much as this many ticks: smaller ones of a stream are gathered in one, up to a size that is still good to
    // decode into.
    private const int SmallMessage = 256, LargestGathered = 4_096;
    private readonly Lock _gate = new();
    private readonly ManualResetEventSlim _wake = new(false, spinCount: 0);
    private FlushBatch _batch = new();
    private TaskCompletionSource _room = NewRoom();
    private int _uncommitted;
    private bool _urgent;
    private Exception? _closed;

    /// <summary>Ticks received and not committed.</summary>
    public int Uncommitted => Volatile.Read(ref _uncommitted);

    /// <summary>Adds a message to the batch being filled and returns that batch. The message belongs to the batch from now on.</summary>
    public FlushBatch Add(QueuedMessage message)
    {
        FlushBatch batch;
        bool wake, gathered;
        var ticks = message.Message?.Ticks ?? 0;
        lock (_gate)
        {
            if (_closed is not null) throw _closed;
            batch = _batch;
            wake = batch.Messages.Count == 0;
            if (wake) batch.FirstReceived = Instant.Of(time);
            gathered = IsSmall(message) && Gather(batch, message);
            if (!gathered) Append(batch, message);
            batch.Ticks += ticks;
            _uncommitted += ticks;
            wake |= batch.Ticks >= options.FlushTicks;
        }

        if (gathered) message.Message!.Release();
        if (wake) _wake.Set();
        return batch;
    }

    private static bool IsSmall(in QueuedMessage message) => message.Message is { Late.Count: 0, Columns.Count: > 0 and <= SmallMessage };

    // Into the stream's last message, if that is in this batch and still small.
    private static bool Gather(FlushBatch batch, in QueuedMessage message)
    {
        var (last, into) = message.Source.Gathering;
        if (!ReferenceEquals(last, batch) || into!.Columns.Count + message.Message!.Columns.Count > LargestGathered) return false;
        into.Append(message.Message);
        return true;
    }

    // After a large message the next small one begins anew: ticks stay in the order in which the stream brought them.
    private static void Append(FlushBatch batch, in QueuedMessage message)
    {
        batch.Messages.Add(message);
        message.Source.Gathering = IsSmall(message) ? (batch, message.Message) : default;
    }

    /// <summary>Adds a message unless the lane has ended; nobody waits for it.</summary>
    public void TryAdd(QueuedMessage message)
    {
        lock (_gate)
        {
            if (_closed is null) Add(message);
        }
    }

    /// <summary>Completes when there is room for another message.</summary>
    public Task RoomAsync()
    {
        if (Uncommitted < options.MaxUncommittedTicks) return Task.CompletedTask;
        lock (_gate) return _uncommitted < options.MaxUncommittedTicks ? Task.CompletedTask : _room.Task;
    }

    /// <summary>Somebody waits for an answer: flush now.</summary>
    public void Hurry()
    {
        lock (_gate) _urgent = true;
        _wake.Set();
    }

    /// <summary>Wakes the lane without hurrying a flush.</summary>
    public void Wake() => _wake.Set();

    /// <summary>Waits until there may be something to do. Only the thread of the lane calls it.</summary>
    public void Wait()
    {
        _wake.Wait();
        _wake.Reset();
    }

    /// <summary>
    /// Whether a flush should begin now, and if not, when the waiting ticks want one (monotonic nanoseconds; long.MaxValue for none).
    /// </summary>
    public bool IsDue(long nowNs, out long dueNs)
    {
        lock (_gate)
        {
            dueNs = _batch.Messages.Count == 0 ? long.MaxValue : _batch.FirstReceived.MonotonicNs + options.FlushInterval.ToNanoseconds();
            return _batch.Messages.Count > 0 && (_urgent || _batch.Ticks >= options.FlushTicks || nowNs >= dueNs);
        }
    }

    /// <summary>Takes the batch; streams fill a new one from now on.</summary>
    public FlushBatch Take()
    {
        lock (_gate)
        {
            var taken = _batch;
            _batch = new FlushBatch();
            _urgent = false;
            return taken;
        }
    }

    /// <summary>Gives the room of committed or failed ticks back.</summary>
    public void Done(int ticks)
    {
        TaskCompletionSource? room = null;
        lock (_gate)
        {
            _uncommitted -= ticks;
            Debug.Assert(_uncommitted >= 0, "More ticks are done than were added.");
            if (_uncommitted < options.MaxUncommittedTicks) (room, _room) = (_room, NewRoom());
        }

        room?.TrySetResult();
    }

    /// <summary>Refuses further messages.</summary>
    public void Close(Exception reason)
    {
        lock (_gate)
        {
            _closed = reason;
            _room.TrySetResult();
        }

        _wake.Set();
    }

    public void Dispose() => _wake.Dispose();

    private static TaskCompletionSource NewRoom() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
