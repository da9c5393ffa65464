using Tikr.Core.Time;
using Tikr.Grains.Buckets;

namespace Tikr.Grains.Series;

/// <summary>
/// Wakes activations whose buckets are due, all of one due time together: those above the timer limit, and those that wait for the
/// gateway to deliver. Its timer runs only while somebody waits.
/// </summary>
internal sealed class CloseSweep : IDisposable
{
    private static readonly Action<object> Wake = static state => ((SeriesActivation)state).CloseDue();
    private readonly Lock _lock = new();
    private readonly SortedDictionary<long, List<SeriesActivation>> _waiting = [];
    private readonly List<List<SeriesActivation>> _ready = [];
    private readonly GatewayLink _gateway;
    private readonly TimeProvider _time;
    private readonly TikrGrainOptions _options;
    private readonly ITimer _timer;
    private long _armed = long.MaxValue;

    public CloseSweep(GatewayLink gateway, TimeProvider time, TikrGrainOptions options)
    {
        (_gateway, _time, _options) = (gateway, time, options);
        _timer = time.CreateTimer(static state => ((CloseSweep)state!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Wakes the activation when a bucket with this due time may close.</summary>
    public void Register(long due, SeriesActivation activation)
    {
        lock (_lock)
        {
            if (!_waiting.TryGetValue(due, out var list)) _waiting[due] = list = [];
            list.Add(activation);
            Arm(due, _time.GetUnixNanoseconds());
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Tick()
    {
        lock (_lock)
        {
            _armed = long.MaxValue;
            var now = _time.GetUnixNanoseconds();
            var clock = new CloseClock(now, _gateway.Watermark.DeliveredThroughNs, 0, _options.MaxCloseDelay.ToNanoseconds());
            TakeReady(clock);
            foreach (var list in _ready)
            {
                foreach (var activation in list) activation.Context.Scheduler.QueueAction(Wake, activation);
            }

            _ready.Clear();
            foreach (var due in _waiting.Keys)
            {
                Arm(due, now);
                break;
            }
        }
    }

    private void TakeReady(in CloseClock clock)
    {
        while (_waiting.Count > 0)
        {
            using var first = _waiting.GetEnumerator();
            first.MoveNext();
            var (due, list) = first.Current;
            if (!clock.IsDue(due)) return;
            _ready.Add(list);
            _waiting.Remove(due);
        }
    }

    private void Arm(long due, long now)
    {
        var at = due > now ? due + _options.CloseSlack.ToNanoseconds() : now + _options.ClosePoll.ToNanoseconds();
        if (at >= _armed) return;
        _armed = at;
        _timer.Change(Nanoseconds.Pause(at - now), Timeout.InfiniteTimeSpan);
    }
}
