using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Tikr.Core.Rollup;
using Tikr.Grains.Buckets;
using Tikr.Storage;

namespace Tikr.Grains.Metrics;

/// <summary>What grains and recovery count. Meter <c>tikr</c>.</summary>
internal sealed class GrainMetrics
{
    private readonly Counter<long> _flushed, _late, _delayed, _overflows,
        _duplicates, _sequenceConflicts, _recomputes, _writeFailures, _listenerFailures, _lostDeliveries, _incomplete,
        _exchanges, _exchanged, _lostCoverage;
    private readonly Histogram<double> _closeLag;
    private readonly ConcurrentDictionary<string, SeriesTags> _tags = new(StringComparer.Ordinal);
    private readonly KeyValuePair<string, object?>[] _causes =
        [.. Enum.GetNames<RecomputeCause>().Select(cause => new KeyValuePair<string, object?>("cause", cause.ToLowerInvariant()))];

    private long _openBars, _activeKeys;

    public GrainMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("tikr");
        _flushed = meter.CreateCounter<long>("tikr.agg.bars_flushed_total", description: "Bars stored, by series and whether they revise.");
        _late = meter.CreateCounter<long>("tikr.agg.late_ticks_total", description: "Ticks that came after their bar had closed.");
        _delayed = meter.CreateCounter<long>(
            "tikr.agg.delayed_ticks_total", description: "Ticks received in time that we delivered after max_close_delay.");
        _overflows = meter.CreateCounter<long>(
            "tikr.agg.sum_overflows_total", description: "Metrics of stored bars whose exact value did not fit.");
        _duplicates = meter.CreateCounter<long>(
            "tikr.ingest.duplicates_total", description: "Stored ticks that repeat another (dedup: sequence).");
        _sequenceConflicts = meter.CreateCounter<long>(
            "tikr.ingest.sequence_conflicts_total", description: "Stored ticks that repeat time and sequence of another of other content.");
        _recomputes = meter.CreateCounter<long>("tikr.agg.recomputes_total", description: "Bars recomputed from stored ticks, by cause.");
        _writeFailures = meter.CreateCounter<long>(
            "tikr.agg.write_failures_total", description: "Bars whose write failed, each once until it is stored.");
        _listenerFailures = meter.CreateCounter<long>(
            "tikr.agg.listener_failures_total", description: "Calls in which a listener of stored bars threw, by listener.");
        _lostDeliveries = meter.CreateCounter<long>(
            "tikr.agg.lost_deliveries_total", description: "Partials that did not reach their grain; their bars are recomputed.");
        _exchanges = meter.CreateCounter<long>("tikr.cluster.messages_total", description: "Messages taken by other silos.");
        _exchanged = meter.CreateCounter<long>("tikr.cluster.bytes_total", "By", "Bytes of partials and coverage taken by other silos.");
        _lostCoverage = meter.CreateCounter<long>("tikr.cluster.lost_coverage_total",
            description: "News of stored bars that did not fit on the way to another silo; their buckets are recomputed.");
        _incomplete = meter.CreateCounter<long>(
            "tikr.agg.incomplete_buckets_total", description: "Buckets whose ticks had been deleted before a bar was stored.");
        _closeLag = meter.CreateHistogram<double>(
            "tikr.agg.close_lag_ms", description: "Milliseconds from bucket end + grace to the stored bar, live buckets.");
        meter.CreateObservableUpDownCounter(
            "tikr.agg.open_bars", () => Interlocked.Read(ref _openBars), description: "Buckets not closed.");
        meter.CreateObservableUpDownCounter(
            "tikr.agg.active_keys", () => Interlocked.Read(ref _activeKeys), description: "Keys in memory.");
    }

    /// <summary>Buckets not closed.</summary>
    public long OpenBars => Interlocked.Read(ref _openBars);

    /// <summary>Keys in memory.</summary>
    public long ActiveKeys => Interlocked.Read(ref _activeKeys);

    public void OpenBarsChanged(int change) => Interlocked.Add(ref _openBars, change);

    public void ActiveKeysChanged(int change) => Interlocked.Add(ref _activeKeys, change);

    public void Late(string series, long ticks, bool ourDelay)
    {
        var tags = TagsOf(series);
        if (ourDelay) _delayed.Add(ticks, tags.Series);
        else _late.Add(ticks, tags.Series, tags.Revise);
    }

    public void Recompute(RecomputeCause cause) => _recomputes.Add(1, _causes[(int)cause]);

    public void WritesFailed(int bars) => _writeFailures.Add(bars);

    public void LostDelivery(int partials) => _lostDeliveries.Add(partials);

    public void LostCoverage() => _lostCoverage.Add(1);

    public void Exchanged(int bytes)
    {
        _exchanges.Add(1);
        _exchanged.Add(bytes);
    }

    public void Incomplete(string series) => _incomplete.Add(1, TagsOf(series).Series);

    public void Overflows(string series, int count) => _overflows.Add(count, TagsOf(series).Series);

    public void Duplicates(string series, int count) => _duplicates.Add(count, TagsOf(series).Series);

    public void SequenceConflicts(string series, int count) => _sequenceConflicts.Add(count, TagsOf(series).Series);

    public void CloseLag(long lagNs) => _closeLag.Record(lagNs / 1e6);

    public void ListenerFailed(string listener) => _listenerFailures.Add(1, new KeyValuePair<string, object?>("listener", listener));

    /// <summary>Counts the bars that a group commit stored: one addition per series, not per bar.</summary>
    public void Stored(ReadOnlySpan<StoredBar> bars)
    {
        Series? series = null;
        long first = 0, revised = 0;
        foreach (ref readonly var stored in bars)
        {
            if (!ReferenceEquals(series, stored.Series))
            {
                Flush(series, first, revised);
                (series, first, revised) = (stored.Series, 0, 0);
            }

            if (stored.Bar.Revision == 0) first++;
            else revised++;
        }

        Flush(series, first, revised);
    }

    private void Flush(Series? series, long first, long revised)
    {
        if (series is null) return;
        var tags = TagsOf(series.Model.Name);
        if (first > 0) _flushed.Add(first, tags.Series, tags.First);
        if (revised > 0) _flushed.Add(revised, tags.Series, tags.Revised);
    }

    private SeriesTags TagsOf(string series) => _tags.GetOrAdd(series, static name => new SeriesTags(name));

    private sealed class SeriesTags(string name)
    {
        public KeyValuePair<string, object?> Series { get; } = new("series", name);

        public KeyValuePair<string, object?> Revise { get; } = new("policy", "revise");

        public KeyValuePair<string, object?> First { get; } = new("revision", "0");

        public KeyValuePair<string, object?> Revised { get; } = new("revision", "n");
    }
}
