using System.IO.Pipelines;
using Grpc.Core;

namespace Tikr.Gateway.Bounds;

/// <summary>
/// The message of a call of which a part has come: the memory that it holds, and whether it makes progress. A message that does not is
/// ended with a status, sooner where others wait for its memory.
/// </summary>
internal sealed class UnfinishedMessage(PipeReader body, ConnectionAccount account, MessageLimits limits) : IDisposable
{
    private readonly Lock _gate = new();
    private ITimer? _timer;
    private CancellationTokenSource? _waiting;
    private RpcException? _end;
    private Held _held;
    private long _heldBytes, _length, _received, _receivedAtLook, _receivedAtMark, _markedAt;
    private bool _isUnfinished;

    private enum Held
    {
        Nothing,
        Own,
        Shared,
    }

    /// <summary>Makes sure that there is memory for the message, waiting for it if need be.</summary>
    /// <param name="length">Its length; 0 while that is unknown.</param>
    /// <param name="received">How much of it has come.</param>
    /// <param name="cancellation">The call has ended.</param>
    /// <exception cref="RpcException">There is none.</exception>
    public async ValueTask HoldAsync(long length, long received, CancellationToken cancellation)
    {
        Note(length, received);
        if (_held != Held.Nothing || length <= MessageLimits.FreeBytes) return;
        _heldBytes = length;
        if (account.TryTakeOwn(length))
        {
            _held = Held.Own;
            return;
        }

        var others = account.AddLarge();
        var isTaken = false;
        try
        {
            isTaken = limits.Memory.TryTake(length) || await WaitAsync(length, others, cancellation).ConfigureAwait(false);
        }
        finally
        {
            if (isTaken) _held = Held.Shared;
            else account.RemoveLarge();
        }
    }

    /// <summary>All of the message is there, or none is begun.</summary>
    public void Finish()
    {
        if (!_isUnfinished) return;
        lock (_gate) _isUnfinished = false;
        Release();
    }

    /// <summary>Throws if the message was given up because it made no progress.</summary>
    public void ThrowIfEnded()
    {
        lock (_gate)
        {
            if (_end is not null) throw _end;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _isUnfinished = false;
            _timer?.Dispose();
        }

        Release();
    }

    // Two waiting messages of one connection would fill its window and wait for each other for ever.
    private async Task<bool> WaitAsync(long length, int others, CancellationToken cancellation)
    {
        if (others > 0) throw Refuse();
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        lock (_gate) _waiting = waiting;
        try
        {
            await limits.Memory.TakeAsync(length, waiting.Token).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw Refuse();
        }
        finally
        {
            lock (_gate) (_waiting, _receivedAtLook, _markedAt) = (null, -1, limits.Time.GetTimestamp());
        }

        RpcException Refuse() => Refusal(
            RefusalReasons.Undecoded, StatusCode.ResourceExhausted, Errors.NoMemoryForMessage(length, limits.Memory.LimitBytes));
    }

    private void Note(long length, long received)
    {
        lock (_gate)
        {
            (_length, _received) = (length, received);
            if (_isUnfinished) return;
            _isUnfinished = true;
            // The first look comes too early to judge by.
            (_receivedAtLook, _receivedAtMark, _markedAt) = (-1, received, limits.Time.GetTimestamp());
            _timer ??= limits.Time.CreateTimer(
                static message => ((UnfinishedMessage)message!).Look(), this, MessageLimits.Look, MessageLimits.Look);
        }
    }

    private void Look()
    {
        lock (_gate)
        {
            if (!_isUnfinished || _end is not null) return;
            var (before, elapsed) = (_receivedAtLook, limits.Time.GetElapsedTime(_markedAt));
            _receivedAtLook = _received;
            if (_received - _receivedAtMark >= MessageLimits.LeastBytes)
                (_receivedAtMark, _markedAt) = (_received, limits.Time.GetTimestamp());
            else if (elapsed >= MessageLimits.Patience) End(elapsed);
            else if (_held == Held.Shared && before == _received && limits.Memory.HasWaiters) End(MessageLimits.Look);
        }
    }

    private void End(TimeSpan quiet)
    {
        if (_waiting is not null)
        {
            _ = _waiting.CancelAsync();
            return;
        }

        _end = Refusal(RefusalReasons.MessageStalled, StatusCode.DeadlineExceeded, Errors.MessageStalled(_length, _received, quiet));
        body.CancelPendingRead();
    }

    private RpcException Refusal(string reason, StatusCode code, string text)
    {
        limits.Refusals.Note(reason, text);
        return new RpcException(new Status(code, text));
    }

    private void Release()
    {
        var held = _held;
        _held = Held.Nothing;
        if (held == Held.Own) account.ReturnOwn(_heldBytes);
        if (held != Held.Shared) return;
        limits.Memory.Return(_heldBytes);
        account.RemoveLarge();
    }
}
