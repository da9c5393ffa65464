using Tikr.Core.Delivery;
using Tikr.Core.Time;
using Tikr.Grains.Buckets;

namespace Tikr.Grains.Activations;

/// <summary>
/// Wakes activations whose buckets are due, all of one due time together: those above the timer limit, and those that wait for the
/// gateway to deliver. Its timer runs only while somebody waits.
/// </summary>
internal sealed class CloseSweep : IDisposable
{
    // Due times of one instant of the wall clock differ by a little when each is told by a reading of its own.
    private const long GroupNs = 1_000_000;
    private const int MostSpare = 4;
    private readonly Lock _lock = new();
    private readonly SortedDictionary<long, List<SeriesActivation>> _waiting = [];

    // With many keys a list is large, and there is one a second: thrown away, they would have the whole heap collected again and again.
    private readonly Stack<List<SeriesActivation>> _spare = [];
    private readonly LiveGateways _gateways;
    private readonly TimeProvider _time;
    private readonly TikrGrainOptions _options;
    private readonly ITimer _timer;
    private long _armed = long.MaxValue;

    public CloseSweep(LiveGateways gateways, TimeProvider time, TikrGrainOptions options)
    {
        (_gateways, _time, _options) = (gateways, time, options);
        _timer = time.CreateTimer(static state => ((CloseSweep)state!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Wakes the activation when a bucket with this due time may close.</summary>
    public void Register(long due, SeriesActivation activation)
    {
        lock (_lock)
        {
            var together = ((due + GroupNs - 1) / GroupNs) * GroupNs;
            if (!_waiting.TryGetValue(together, out var list)) _waiting[together] = list = _spare.TryPop(out var spare) ? spare : [];
            list.Add(activation);
            Arm(together, Instant.MonotonicOf(_time));
        }
    }

    public void Dispose() => _timer.Dispose();

    // Activations are woken outside the lock: what they do next is to register their next bucket.
    private void Tick()
    {
        List<List<SeriesActivation>>? ready;
        lock (_lock)
        {
            _armed = long.MaxValue;
            ready = TakeReady(new CloseClock(Instant.MonotonicOf(_time), _gateways.Now, _options.MaxCloseDelay.ToNanoseconds()));
            if (FirstDue is { } due) Arm(due, Instant.MonotonicOf(_time));
        }

        if (ready is null) return;
        foreach (var list in ready)
        {
            foreach (var activation in list) activation.CloseDue();
            Keep(list);
        }
    }

    private void Keep(List<SeriesActivation> list)
    {
        // After a burst of keys the rest goes to the garbage collector.
        if (list.Capacity > 4 * list.Count) list.Capacity = list.Count;
        list.Clear();
        lock (_lock)
        {
            if (_spare.Count < MostSpare) _spare.Push(list);
        }
    }

    private long? FirstDue
    {
        get
        {
            foreach (var due in _waiting.Keys) return due;
            return null;
        }
    }

    private List<List<SeriesActivation>>? TakeReady(in CloseClock clock)
    {
        List<List<SeriesActivation>>? ready = null;
        while (FirstDue is { } due && clock.IsDue(due))
        {
            _waiting.Remove(due, out var list);
            (ready ??= []).Add(list!);
        }

        return ready;
    }

    private void Arm(long due, long now)
    {
        var at = due > now ? due + _options.CloseSlack.ToNanoseconds() : now + _options.ClosePoll.ToNanoseconds();
        if (at >= _armed) return;
        _armed = at;
        _timer.Change(UnixTime.ToTimerPause(at - now), Timeout.InfiniteTimeSpan);
    }
}
