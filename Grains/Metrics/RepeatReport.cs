using Microsoft.Extensions.Logging;
using Tikr.Core.Time;
using Tikr.Grains.Recompute;

namespace Tikr.Grains.Metrics;

/// <summary>Counts the ticks that bars leave out as repeats; speaks of those that are none, once a minute for each series.</summary>
internal sealed class RepeatReport(GrainMetrics metrics, TimeProvider time, ILogger<RepeatReport> log)
{
    private readonly PacedLog<string> _pace = new(time);

    /// <summary>A stored bar leaves these out.</summary>
    public void Report(string series, in RepeatCounts counts)
    {
        if (counts.Duplicates > 0) metrics.Duplicates(series, counts.Duplicates);
        if (counts.Conflicts == 0) return;
        metrics.SequenceConflicts(series, counts.Conflicts);
        if (_pace.Next(series, counts.Conflicts) is { } unlogged) Log.SequenceConflicts(log, unlogged, series);
    }
}
