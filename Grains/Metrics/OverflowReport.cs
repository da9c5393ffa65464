using Microsoft.Extensions.Logging;
using Tikr.Core.Rollup;
using Tikr.Core.Time;

namespace Tikr.Grains.Metrics;

/// <summary>Counts the sums of stored bars that did not fit their type; speaks of them once a minute for each series.</summary>
internal sealed class OverflowReport(GrainMetrics metrics, TimeProvider time, ILogger<OverflowReport> log)
{
    private readonly PacedLog<string> _pace = new(time);

    /// <summary>A stored bar has so many of them.</summary>
    public void Report(Series series, int sums)
    {
        if (sums == 0) return;
        metrics.Overflows(series.Name, sums);
        if (_pace.Next(series.Name, sums) is not { } unlogged) return;
        Log.SumsOverflowed(log, unlogged, series.Name, series.Model.Spec.Overflow.ToString().ToLowerInvariant());
    }
}
