using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Tikr.Publishing.Metrics;

/// <summary>
/// Counts what is dropped, and logs it once per burst: the first of a kind at once, what follows not before a minute has passed.
/// </summary>
internal sealed class DropLog(OutputMetrics metrics, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Quiet = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<(string Topic, string Series, string Reason), Burst> _bursts = new();

    public void Dropped(string topic, string series, string reason, long records)
    {
        metrics.Dropped(topic, series, reason, records);
        var burst = _bursts.GetOrAdd((topic, series, reason), static _ => new Burst());
        long logged;
        lock (burst)
        {
            burst.Unlogged += records;
            if (burst.LoggedAt is { } at && time.GetElapsedTime(at) < Quiet) return;
            (burst.LoggedAt, logged, burst.Unlogged) = (time.GetTimestamp(), burst.Unlogged, 0);
        }

        Log.RecordsDropped(logger, logged, topic, series, reason);
    }

    private sealed class Burst
    {
        public long? LoggedAt { get; set; }

        public long Unlogged { get; set; }
    }
}
