namespace Tikr.Tests.Support.Databases;

/// <summary>The faults that hold now, shared by all connections of a proxy.</summary>
internal sealed class FaultState
{
    private readonly Lock _gate = new();
    private Flow _vanishing, _counted;
    private long _left;
    private Action? _cut;
    private long _latency;
    private TaskCompletionSource _loss = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TimeSpan Latency
    {
        get => TimeSpan.FromTicks(Volatile.Read(ref _latency));
        set => Volatile.Write(ref _latency, value.Ticks);
    }

    /// <summary>Completes when data have vanished.</summary>
    public Task Loss
    {
        get
        {
            lock (_gate) return _loss.Task;
        }
    }

    public void Blackhole(Flow flow)
    {
        lock (_gate) _vanishing |= flow;
    }

    public void CutAfter(long bytes, Flow flow, Action cut)
    {
        lock (_gate) (_left, _counted, _cut) = (bytes, flow, cut);
    }

    public void Clear()
    {
        lock (_gate)
        {
            (_vanishing, _counted, _cut) = (Flow.None, Flow.None, null);
            _loss = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        Latency = TimeSpan.Zero;
    }

    /// <summary>
    /// How many of these bytes may pass, and what to do once they have passed. A connection that has lost some loses all that follow,
    /// however soon the black hole ends: its receiver could not make sense of them.
    /// </summary>
    public (int Bytes, Action? Then) Admit(FaultLink link, Flow flow, int bytes)
    {
        lock (_gate)
        {
            if (_vanishing.HasFlag(flow))
            {
                link.HasLost = true;
                _loss.TrySetResult();
            }

            if (link.HasLost) return (0, null);
            if (_cut is null || !_counted.HasFlag(flow)) return (bytes, null);
            var passing = (int)Math.Min(bytes, _left);
            _left -= passing;
            if (_left > 0) return (passing, null);
            var then = _cut;
            (_cut, _counted) = (null, Flow.None);
            return (passing, then);
        }
    }
}
