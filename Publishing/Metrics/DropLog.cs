using Microsoft.Extensions.Logging;
using Tikr.Core.Time;

namespace Tikr.Publishing.Metrics;

/// <summary>Counts what is dropped, and logs each kind at once and then once a minute.</summary>
internal sealed class DropLog(OutputMetrics metrics, TimeProvider time, ILogger logger)
{
    private readonly PacedLog<(string Topic, string Series, string Reason)> _pace = new(time);

    public void Dropped(string topic, string series, string reason, long records)
    {
        metrics.Dropped(topic, series, reason, records);
        if (_pace.Next((topic, series, reason), records) is { } unlogged) Log.RecordsDropped(logger, unlogged, topic, series, reason);
    }
}
