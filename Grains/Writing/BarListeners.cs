using Microsoft.Extensions.Logging;
using Tikr.Grains.Metrics;
using Tikr.Storage;

namespace Tikr.Grains.Writing;

/// <summary>Tells every listener of written bars. One that throws keeps neither the others nor the writer from going on.</summary>
internal sealed class BarListeners(
    IEnumerable<IBarListener> listeners, GrainMetrics metrics, TimeProvider time, ILogger<BarListeners> logger)
{
    private static readonly TimeSpan LogPeriod = TimeSpan.FromMinutes(1);
    private readonly Guarded[] _listeners = [.. listeners.Select(listener => new Guarded(listener))];

    /// <summary>Bars of one group commit were stored.</summary>
    public void Stored(ReadOnlySpan<StoredBar> bars)
    {
        if (bars.IsEmpty) return;
        foreach (var guarded in _listeners)
        {
            try
            {
                guarded.Listener.Stored(bars);
            }
            catch (Exception error)
            {
                Failed(guarded, error);
            }
        }
    }

    /// <summary>Whether these writes were done is not known.</summary>
    public void OutcomeUnknown(IReadOnlyList<BarWrite> writes)
    {
        foreach (var guarded in _listeners)
        {
            try
            {
                guarded.Listener.OutcomeUnknown(writes);
            }
            catch (Exception error)
            {
                Failed(guarded, error);
            }
        }
    }

    private void Failed(Guarded guarded, Exception error)
    {
        metrics.ListenerFailed(guarded.Name);
        guarded.Unlogged++;
        if (guarded.LoggedAt is { } at && time.GetElapsedTime(at) < LogPeriod) return;
        Log.ListenerFailed(logger, guarded.Name, guarded.Unlogged, error);
        guarded.LoggedAt = time.GetTimestamp();
        guarded.Unlogged = 0;
    }

    /// <summary>A listener, and what of its failures has been logged. Touched by the loop that writes bars alone.</summary>
    private sealed class Guarded(IBarListener listener)
    {
        public IBarListener Listener => listener;

        public string Name { get; } = listener.GetType().Name;

        public long? LoggedAt { get; set; }

        public long Unlogged { get; set; }
    }
}
