namespace Tikr.Gateway.Ingest.Lanes;

/// <summary>How far a stream has come, whatever series its ticks are of, and for how long it was not being read.</summary>
internal sealed class StreamProgress
{
    private readonly Lock _gate = new();
    private long _heldNs, _heldSinceNs = long.MaxValue;
    private long _heldAtLookNs;

    /// <summary>Greatest event time folded so far, Unix nanoseconds; written by the lane.</summary>
    public long EventTimeNs = long.MinValue;

    /// <summary>Whether it waits for its client, so that nothing that was sent is still unread; written by the stream.</summary>
    public volatile bool IsDrained;

    /// <summary><see cref="IsDrained"/> when the lane last looked; written by the lane.</summary>
    public bool WasDrained;

    /// <summary>How long it was held between the last two looks of the lane; written by the lane.</summary>
    public long HeldLatelyNs { get; private set; }

    /// <summary>Ticks of it have been folded.</summary>
    public void Advance(long eventTimeNs) => EventTimeNs = Math.Max(EventTimeNs, eventTimeNs);

    /// <summary>From now on (monotonic nanoseconds) it is not read, since the gateway has no room. Called by the stream.</summary>
    public void Hold(long nowNs)
    {
        lock (_gate) _heldSinceNs = nowNs;
    }

    /// <summary>It is read again. Called by the stream.</summary>
    public void Resume(long nowNs)
    {
        lock (_gate)
        {
            _heldNs += Math.Max(0, nowNs - _heldSinceNs);
            _heldSinceNs = long.MaxValue;
        }
    }

    /// <summary>A clock that stands still while the stream is not read.</summary>
    public long ReadNs(long nowNs)
    {
        lock (_gate) return nowNs - _heldNs - (nowNs > _heldSinceNs ? nowNs - _heldSinceNs : 0);
    }

    /// <summary>Looks for how long it was held since the last look. Called by the lane.</summary>
    public void LookForHeld(long nowNs)
    {
        var held = nowNs - ReadNs(nowNs);
        (HeldLatelyNs, _heldAtLookNs) = (Math.Max(0, held - _heldAtLookNs), held);
    }
}
