using System.Collections.Concurrent;
using Tikr.Core.Time;

namespace Tikr.Grains.Activations;

/// <summary>
/// Releases activations that have had no open bucket for a while. Orleans' own collector cannot: deliveries go past it, so a busy key looks
/// idle.
/// </summary>
internal sealed class IdleKeys : IDisposable
{
    private readonly ConcurrentQueue<(SeriesActivation Activation, long Due)> _queue = new();
    private readonly TimeProvider _time;
    private readonly int _perSecond;
    private readonly ITimer _timer;

    public IdleKeys(TimeProvider time, TikrGrainOptions options)
    {
        (_time, _perSecond) = (time, options.MaxReleasesPerSecond);
        _timer = time.CreateTimer(static state => ((IdleKeys)state!).Tick(), this, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
    }

    /// <summary>Looks at the activation at this time (monotonic nanoseconds); each stands in line at most once.</summary>
    public void Add(SeriesActivation activation, long dueNs) => _queue.Enqueue((activation, dueNs));

    public void Dispose() => _timer.Dispose();

    private void Tick()
    {
        var now = Instant.MonotonicOf(_time);
        for (var i = 0; i < _perSecond && _queue.TryPeek(out var next) && next.Due <= now; i++)
        {
            if (_queue.TryDequeue(out next)) next.Activation.ReleaseIfIdle();
        }
    }
}
