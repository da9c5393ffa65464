using Microsoft.Extensions.Logging;
using Tikr.Core.Time;
using Tikr.Grains.Metrics;
using Tikr.Storage;

namespace Tikr.Grains.Writing;

/// <summary>Tells every listener of written bars. One that throws keeps neither the others nor the writer from going on.</summary>
internal sealed class BarListeners(
    IEnumerable<IBarListener> listeners, GrainMetrics metrics, TimeProvider time, ILogger<BarListeners> logger)
{
    private readonly Guarded[] _listeners = [.. listeners.Select(listener => new Guarded(listener, new LogPace(time)))];

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
        if (guarded.Pace.Next() is { } failures) Log.ListenerFailed(logger, guarded.Name, failures, error);
    }

    /// <summary>A listener, and the pace at which its failures are logged.</summary>
    private sealed record Guarded(IBarListener Listener, LogPace Pace)
    {
        public string Name { get; } = Listener.GetType().Name;
    }
}
