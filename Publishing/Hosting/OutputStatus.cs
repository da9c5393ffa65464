using System.Diagnostics.Metrics;
using System.Globalization;
using Tikr.Core.Time;
using Tikr.Publishing.Kafka;
using Tikr.Publishing.Metrics;
using Tikr.Publishing.Sending;
using Tikr.Storage;

namespace Tikr.Publishing.Hosting;

/// <summary>How publishing is doing: what waits, whether that is too much, and what to tell people.</summary>
internal sealed class OutputStatus(
    OutputRunner runner, IngestHold hold, TopicKeeper topics, OutputMetrics metrics, TimeProvider time) : IOutputState
{
    private static readonly long StallNs = TimeSpan.FromSeconds(5).ToNanoseconds(), FullNs = TimeSpan.FromMinutes(1).ToNanoseconds();
    private long _fullBefore, _otherwiseBefore;
    private long? _fullAtNs, _otherwiseAtNs;

    /// <inheritdoc/>
    public string? DegradedReason
    {
        get
        {
            var now = Instant.MonotonicOf(time);
            var set = runner.Current;
            List<string> reasons = [.. StalledTopics(set, now)];
            if (topics.Trouble is { } trouble) reasons.Add(trouble);
            if (now - _fullAtNs < FullNs)
                reasons.Add("the spool is full (kafka.spool.max_size_gb): its oldest records are dropped");
            if (now - _otherwiseAtNs < FullNs)
                reasons.Add($"records are dropped, {_otherwiseBefore} since the start (on_failure: drop, or refused by the brokers)");
            foreach (var seriesId in hold.Series)
            {
                if (set.Outputs.TryGetValue(seriesId, out var output))
                    reasons.Add($"ingest of series {output.Name} is held up (on_failure: block)");
            }


            return reasons.Count == 0 ? null : $"kafka: {string.Join("; ", reasons)}";
        }
    }

    /// <inheritdoc/>
    public Task RoomAsync(ushort seriesId) => hold.RoomAsync(seriesId);

    /// <summary>Records waiting, by series.</summary>
    public IEnumerable<Measurement<long>> Depths()
    {
        var set = runner.Current;
        return set.Outputs.Values.Select(output => new Measurement<long>(set.DepthOf(output.Series.Id), TagOf(output.Name)));
    }

    /// <summary>Seconds since the bucket end of the oldest entry, by series.</summary>
    public IEnumerable<Measurement<double>> OldestAges()
    {
        var now = time.GetUnixNanoseconds();
        return runner.Current.OutboxSenders.Values.GroupBy(sender => sender.Output).Select(series =>
        {
            var oldest = series.Where(sender => sender.OldestNs > 0)
                .Select(sender => sender.OldestNs + sender.Output.Series.Model.Spec.RollupNs).DefaultIfEmpty(now).Min();
            return new Measurement<double>(Math.Max(0, now - oldest) / 1e9, TagOf(series.Key.Name));
        });
    }

    /// <summary>Looks at everything once: notes whether the spool overflows, holds ingest up or lets it go on.</summary>
    public async Task UpdateAsync(CancellationToken cancellation)
    {
        var all = metrics.TotalDropped;
        var full = metrics.DroppedAsFull;
        var otherwise = all - full;
        if (full != _fullBefore) (_fullBefore, _fullAtNs) = (full, Instant.MonotonicOf(time));
        if (otherwise > _otherwiseBefore) (_otherwiseBefore, _otherwiseAtNs) = (otherwise, Instant.MonotonicOf(time));

        await hold.MeasureElsewhereAsync(cancellation).ConfigureAwait(false);
        hold.Update();
    }

    private static IEnumerable<string> StalledTopics(OutputSet set, long now) =>
        set.OutboxSenders.Values.Where(sender => IsStalled(sender, now)).GroupBy(sender => sender.Topic).Select(stalled =>
        {
            var waiting = stalled.Sum(sender => sender.Depth);
            var cause = stalled.Select(sender => sender.Trouble?.Reason).FirstOrDefault(reason => reason is not null);
            return string.Create(CultureInfo.InvariantCulture,
                $"topic {stalled.Key}: {waiting} records wait: {cause ?? "the brokers do not answer"}");
        });

    private static bool IsStalled(OutboxSender sender, long now) =>
        sender.Trouble is not null || now - sender.StalledSinceNs > StallNs;

    private static KeyValuePair<string, object?> TagOf(string series) => new("series", series);
}
