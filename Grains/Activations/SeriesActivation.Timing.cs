using Tikr.Core.Time;

namespace Tikr.Grains.Activations;

/// <summary>What wakes the buckets: the grain's timer, or the sweep of the silo.</summary>
internal sealed partial class SeriesActivation
{
    private static readonly Action<object> SetTimer = static state => ((SeriesActivation)state).ChangeTimer();
    private IGrainTimer? _timer;
    private long _armed = long.MaxValue;

    // Under the lock.
    private void Arm()
    {
        if (_released) return;
        var next = _buckets.NextDue;
        if (next >= _armed) return;
        _armed = next;
        if (next <= _services.NowNs || _services.Registry.OpenKeys > _services.Options.ActiveTimerLimit)
            _services.Sweep.Register(next, this);
        else _grain.GrainContext.Scheduler.QueueAction(SetTimer, this);
    }

    // In a turn of the grain, where its timers belong.
    private void ChangeTimer()
    {
        lock (_buckets)
        {
            if (_released || _armed == long.MaxValue) return;
            var pause = UnixTime.ToTimerPause(_armed - _services.NowNs + _services.Options.CloseSlack.ToNanoseconds());
            if (pause <= TimeSpan.Zero)
            {
                // The turn was long in coming.
                CloseDue();
                return;
            }

            // Interleaved: the callback only starts writes, and must not wait for a grain call that itself waits for the store.
            _timer ??= _grain.RegisterGrainTimer(
                static (activation, _) =>
                {
                    activation.CloseDue();
                    return Task.CompletedTask;
                },
                this,
                new GrainTimerCreationOptions { DueTime = Timeout.InfiniteTimeSpan, Period = Timeout.InfiniteTimeSpan, Interleave = true });
            _timer.Change(pause, Timeout.InfiniteTimeSpan);
        }
    }
}
